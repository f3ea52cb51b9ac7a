#!/bin/sh
# Makes a plain Debian tree into the tree of a bootable container image. Runs inside the tree, as root, once, after the
# packages are installed and rootfs/ is copied in; in a Containerfile this would be a RUN line.
set -eu

# --- services --------------------------------------------------------------------------------------------------------
# Debian starts what it installs; these are the exceptions. State in /etc/systemd/system is part of the image.
systemctl enable systemd-networkd.service
# Nothing installs packages on this machine, so their database does not change.
systemctl disable dpkg-db-backup.timer
# The choice of whoever runs the machine: scrubbing file systems, watching volumes with mirrors and snapshots.
systemctl disable e2scrub_all.timer e2scrub_reap.service xfs_scrub_all.timer xfs_healer_start.service \
    system-xfs_scrub.slice system-xfs_healer.slice lvm2-monitor.service
# Swap in compressed memory is the choice of whoever installs this; Debian's package makes some without being asked.
rm -f /usr/lib/systemd/zram-generator.conf /usr/lib/modules-load.d/20-zram-generator.conf
# Caches that are in the image already, and a service that asks questions on the console.
systemctl mask ldconfig.service systemd-hwdb-update.service systemd-journal-catalog-update.service \
    systemd-firstboot.service
# A small server has no use for these, and each costs time at every boot.
systemctl mask sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount \
    proc-sys-fs-binfmt_misc.automount systemd-binfmt.service systemd-pstore.service
systemctl --global mask dirmngr.socket gpg-agent.socket gpg-agent-browser.socket gpg-agent-extra.socket \
    gpg-agent-ssh.socket keyboxd.socket

# --- language --------------------------------------------------------------------------------------------------------
locale-gen

# --- a file capability: ping without being root ----------------------------------------------------------------------
setcap cap_net_raw+ep /usr/bin/ping

# --- kernel and initramfs --------------------------------------------------------------------------------------------
# Exactly one kernel. It lies, with its initramfs, beside its modules: ostree and bootc look for
# /usr/lib/modules/*/vmlinuz and initramfs.img, and nothing of the kernel is left in /boot.
kver=$(ls /usr/lib/modules)
dracut --force "/usr/lib/modules/$kver/initramfs.img" "$kver"
chmod 0644 "/usr/lib/modules/$kver/initramfs.img"
rm -f /vmlinuz* /initrd.img* "/usr/lib/modules/$kver/.fresh-install"
find /boot -mindepth 1 -delete

# --- the package database --------------------------------------------------------------------------------------------
mkdir -p /usr/lib/sysimage
rm -f /var/lib/dpkg/lock* /var/lib/dpkg/*-old
mv /var/lib/dpkg /usr/lib/sysimage/dpkg

# --- what belongs to the machine -------------------------------------------------------------------------------------
# /var is filled at boot (usr/lib/tmpfiles.d/ashore-sample.conf); /home and its like are links into it.
find /var /tmp -mindepth 1 -delete
rm -rf /home /root /opt /srv /mnt /media /usr/local
ln -s var/home var/opt var/srv var/mnt /
ln -s var/roothome /root
ln -s run/media /media
ln -s ../var/usrlocal /usr/local
# The same for what systemd would make there.
rm /usr/lib/tmpfiles.d/home.conf
sed -i 's| /root| /var/roothome|' /usr/lib/tmpfiles.d/provision.conf

# --- what ostree wants to see ----------------------------------------------------------------------------------------
mkdir /sysroot
ln -s sysroot/ostree /ostree

# --- what must not be the same on two machines, or tells of the machine that built this ------------------------------
: >/etc/machine-id
rm -rf /etc/hostname /etc/fstab /etc/.pwd.lock /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/apt
rm -f /etc/ssh/ssh_host_* /etc/mdadm/mdadm.conf /etc/dpkg/dpkg.cfg.d/99mmdebstrap
