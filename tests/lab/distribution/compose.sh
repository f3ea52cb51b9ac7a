#!/bin/bash
# Turns unpacked Debian packages into what the RPM packages of Lagoon Linux hold. Runs once, as root, in the directory
# that has one tree for each RPM package; what is moved from tree to tree changes its owner. .materials has trees that
# are not packaged. $KVER is the kernel's version, $KEY the file with the public key.
set -euo pipefail
umask 022

# --- the base: accounts, directories, what Debian's maintainer scripts would write ---------------------------------------
master=.materials/base-passwd/usr/share/base-passwd
mkdir -p setup/etc
# The accounts of base-passwd, with a group `wheel` for administrators; passwords belong into /etc/shadow.
sed 's/^\([^:]*\):[^:]*:/\1:x:/' $master/passwd.master >setup/etc/passwd
{ sed 's/^\([^:]*\):[^:]*:/\1:x:/' $master/group.master; echo 'wheel:x:11:'; } | sort -t: -k3n >setup/etc/group
awk -F: '{ print $1 ":*:20000:0:99999:7:::" }' setup/etc/passwd >setup/etc/shadow
awk -F: '{ print $1 ":*::" }' setup/etc/group >setup/etc/gshadow
touch setup/etc/{subuid,subgid,environment,exports,motd}
chmod 0000 setup/etc/{shadow,gshadow}

rm -rf filesystem/{etc,usr/share/base-files,usr/lib/os-release,usr/share/common-licenses,var/lib/dpkg,usr/share/doc}
mkdir -p filesystem/{boot/efi,etc/{opt,skel,profile.d},media,mnt,opt,srv,usr/local/{bin,sbin,lib,etc,include,share,src,libexec}} \
    filesystem/var/{opt,mail,spool,cache,log,lib,local} filesystem/usr/{lib64,libexec,share/{man/man8,doc,licenses,locale}} \
    filesystem/usr/lib/{sysimage,modules,systemd,udev,tmpfiles.d,sysusers.d}
chmod 0700 filesystem/boot/efi  # as the ESP is mounted there, and as efi-filesystem has it
rm -rf filesystem/var/{run,lock}
ln -s ../run filesystem/var/run
ln -s ../run/lock filesystem/var/lock
ln -sfn ../mail filesystem/var/spool/mail
chmod 0755 filesystem/var/local
chmod 0550 filesystem/root
chmod 0555 filesystem/{proc,sys}

# Passwords are root's, and no group's.
chmod 4755 pam/usr/sbin/unix_chkpwd shadow-utils/usr/bin/chage

ln -s bash bash/usr/bin/sh
ln -s gawk gawk/usr/bin/awk
ln -s vim.tiny vim-minimal/usr/bin/vi
ln -s less less/usr/bin/pager
mv which/usr/bin/which.debianutils which/usr/bin/which
rm -rf which/usr/sbin which/usr/share/debianutils which/usr/bin/{ischroot,savelog,tempfile}

for name in bashrc bash_profile; do mv rootfiles/root/{dot,}.$name; done

ln -s ../usr/lib/os-release lagoon-release/etc/os-release
ln -s system-release lagoon-release/etc/lagoon-release

mkdir -p lagoon-gpg-keys/etc/pki/rpm-gpg
cp "$KEY" lagoon-gpg-keys/etc/pki/rpm-gpg/RPM-GPG-KEY-lagoon

# One file with all certificates, where Debian's and where Fedora's programs look for it.
mkdir -p ca-certificates/etc/{ssl/certs,pki/tls/certs}
cat ca-certificates/usr/share/ca-certificates/mozilla/*.crt >ca-certificates/etc/ssl/certs/ca-certificates.crt
ln -s ../../../ssl/certs/ca-certificates.crt ca-certificates/etc/pki/tls/certs/ca-bundle.crt
rm -rf ca-certificates/etc/ca-certificates ca-certificates/usr/sbin

for locale in de_DE en_US; do
    tree=$PWD/glibc-langpack-${locale%_*}/usr/lib/locale
    mkdir -p "$tree"
    I18NPATH=.materials/locales/usr/share/i18n localedef -i $locale -f UTF-8 --no-archive "$tree/$locale.utf8"
done
rm -f glibc/etc/ld.so.cache
# Where everybody may look for the right time is the choice of whoever installs.
rm -f tzdata/etc/{localtime,timezone}

# --- systemd: services as Fedora has them ---------------------------------------------------------------------------------
rm -f systemd/usr/lib/tmpfiles.d/debian.conf systemd/usr/lib/systemd/system-preset/90-systemd.preset
rm -rf systemd/etc/systemd/system systemd/etc/systemd/user
chmod 0700 systemd/etc/credstore{,.encrypted}
# It would change files of packages.
rm -f openssh-clients/usr/lib/tmpfiles.d/openssh-client.conf
# Nothing here watches devices' firmware, mounts images or answers other machines by itself.
rm -f openssh-server/usr/lib/systemd/system/{ssh.socket,sshd@.service} openssh-server/usr/lib/systemd/system/rescue-ssh*
sshd=openssh-server/usr/lib/systemd/system
sed '/^Alias=/d; s/^After=.*/& sshd-keygen.service/' $sshd/ssh.service >$sshd/sshd.service
rm $sshd/ssh.service
sed -e '/^ConditionFirstBoot=/d; s/^Before=.*/Before=sshd.service/; s/^WantedBy=.*/WantedBy=sshd.service/' \
    -e '/^\[Unit\]/a ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key' -i $sshd/sshd-keygen.service
sed -i 's/^ExecStart=.*/ExecStart=ssh-keygen -q -t ed25519 -N "" -f \/etc\/ssh\/ssh_host_ed25519_key/' $sshd/sshd-keygen.service
mkdir -p openssh-server/etc/ssh
{ cat openssh-server/usr/share/openssh/sshd_config; echo 'HostKey /etc/ssh/ssh_host_ed25519_key'; } >openssh-server/etc/ssh/sshd_config
chmod 0600 openssh-server/etc/ssh/sshd_config
# Scrubbing needs Python and much time; Fedora has it in a package of its own.
# Swap in compressed memory is what whoever installs asks for.
rm -f zram-generator/usr/lib/systemd/zram-generator.conf zram-generator/usr/lib/modules-load.d/20-zram-generator.conf
find xfsprogs ! -type d \( -name '*xfs_scrub*' -o -name '*xfs_healer*' \) -delete
find e2fsprogs ! -type d -name '*e2scrub*' -delete
find mdadm ! -type d -name 'mdcheck*' -delete
sed -i 's/^plugins=.*/plugins=keyfile/; /^\[ifupdown\]/,$d' NetworkManager/etc/NetworkManager/NetworkManager.conf

# --- packages -------------------------------------------------------------------------------------------------------------
# Fedora's rpm has its database below /usr.
sed -i 's|^%_dbpath\s.*|%_dbpath\t\t%{_usr}/lib/sysimage/rpm|' rpm/usr/lib/rpm/macros
mkdir -p rpm/usr/lib/sysimage/rpm
rm -rf rpm/var/lib/rpm
mkdir -p dnf5/etc/yum.repos.d

# --- kernel ---------------------------------------------------------------------------------------------------------------
modules=usr/lib/modules/$KVER
mkdir -p kernel-core/$modules kernel-modules/$modules/kernel/{drivers,net}
for path in drivers/infiniband drivers/comedi drivers/iommu drivers/vfio net/sunrpc net/rds net/smc net/sctp; do
    if [ -d kernel-modules-core/$modules/kernel/$path ]; then
        mkdir -p "kernel-modules/$modules/kernel/${path%/*}"
        mv "kernel-modules-core/$modules/kernel/$path" "kernel-modules/$modules/kernel/$path"
    fi
done
find kernel-modules -type d -empty -delete
test -s kernel-core/$modules/vmlinuz -a -s kernel-core/$modules/modules.builtin

# dracut calls an initramfs what the kernel's package expects.
rm -rf dracut/etc/kernel dracut/usr/lib/dracut/dracut.conf.d/01-debian.conf
mkdir -p dracut/usr/lib/dracut/dracut.conf.d
cat >dracut/usr/lib/dracut/dracut.conf.d/01-dist.conf <<'CONF'
# The initramfs is made for the machine on which it is made.
hostonly="yes"
hostonly_cmdline="no"
compress="zstd"
i18n_vars="/etc/vconsole.conf:KEYMAP,FONT,FONT_MAP,FONT_UNIMAP /etc/locale.conf:LANG"
i18n_install_all="no"
CONF

# --- GRUB with Fedora's names ---------------------------------------------------------------------------------------------
tools=grub2-tools
rm -rf $tools/etc/kernel $tools/etc/grub.d/{05_debian_theme,20_linux_xen,25_bli,30_os-prober,41_custom} \
    $tools/usr/sbin/update-grub $tools/usr/sbin/grub-{macbless,mkdevicemap} $tools/usr/lib/systemd $tools/etc/default \
    $tools/usr/bin/grub-{menulst2cfg,syslinux2cfg,glue-efi,render-label,mknetdir,mkrescue,mkstandalone,kbdcomp,mklayout,fstest} \
    $tools/usr/share/{apport,bash-completion,bug,grub/default}
# Its programs, its scripts and its configuration call each other by name.
programs='editenv|file|install|mkconfig|mkfont|mkimage|mkpasswd-pbkdf2|mkrelpath|mount|probe|reboot|script-check|set-default'
grep -rIlE "grub-($programs)|/boot/grub" $tools/etc $tools/usr/sbin $tools/usr/bin $tools/usr/share/grub | while read -r file; do
    sed -E -i "s,grub-($programs)([^_a-z0-9.-]|\$),grub2-\1\2,g; s,/boot/grub([^2a-z_-]|\$),/boot/grub2\1,g" "$file"
done
for file in $tools/usr/bin/grub-* $tools/usr/sbin/grub-*; do
    mv "$file" "${file%/*}/grub2-${file##*/grub-}"
done
mkdir -p grub2-tools-minimal/usr/{bin,sbin} grub2-common/boot/grub2 grub2-common/usr/share $tools/etc/default
mv $tools/usr/bin/grub2-{editenv,mkpasswd-pbkdf2,mkrelpath,mount,script-check} grub2-tools-minimal/usr/bin/
mv $tools/usr/sbin/grub2-probe grub2-tools-minimal/usr/sbin/
mv $tools/usr/share/grub grub2-common/usr/share/grub
rm -f grub2-common/usr/share/grub/{ascii.h,widthspec.h,euro.pf2}
# grub2-install was built to write to /boot/grub; it follows the link and tells core.img where that leads.
ln -s grub2 grub2-common/boot/grub
mkdir -p grub2-pc/etc grub2-efi-x64/etc
ln -s ../boot/grub2/grub.cfg grub2-pc/etc/grub2.cfg
ln -s ../boot/grub2/grub.cfg grub2-efi-x64/etc/grub2-efi.cfg

esp=boot/efi/EFI
mkdir -p {efi-filesystem,shim-x64,grub2-efi-x64}/$esp/{BOOT,lagoon}
chmod -R 0700 {efi-filesystem,shim-x64,grub2-efi-x64}/boot/efi/EFI
install -m 0700 shim-x64/usr/lib/shim/shimx64.efi.signed shim-x64/$esp/BOOT/BOOTX64.EFI
install -m 0700 shim-x64/usr/lib/shim/fbx64.efi.signed shim-x64/$esp/BOOT/fbx64.efi
install -m 0700 shim-x64/usr/lib/shim/shimx64.efi.signed shim-x64/$esp/lagoon/shimx64.efi
install -m 0700 shim-x64/usr/lib/shim/shimx64.efi.signed shim-x64/$esp/lagoon/shim.efi
install -m 0700 shim-x64/usr/lib/shim/mmx64.efi.signed shim-x64/$esp/lagoon/mmx64.efi
# What the fallback program makes a boot entry of: UTF-16 with a byte order mark (shim's README.fallback).
printf '\xff\xfe' >shim-x64/$esp/lagoon/BOOTX64.CSV
printf 'shimx64.efi,Lagoon Linux,,This is the boot entry for Lagoon Linux\n' | iconv -t UTF-16LE >>shim-x64/$esp/lagoon/BOOTX64.CSV
chmod 0700 shim-x64/$esp/lagoon/BOOTX64.CSV
rm -rf shim-x64/usr/lib shim-x64/usr/share/shim

# One image with all that finds and reads /boot, and with blscfg. Debian's signed one lacks that; this one is not signed.
grub2-tools/usr/bin/grub2-mkimage -d grub2-efi-x64-modules/usr/lib/grub/x86_64-efi -O x86_64-efi -p /EFI/lagoon \
    -o grub2-efi-x64/$esp/lagoon/grubx64.efi \
    all_video blsuki boot btrfs cat configfile cryptodisk diskfilter echo efifwsetup efi_gop ext2 fat font fshelp \
    gcry_rijndael gcry_sha256 gfxmenu gfxterm gzio halt iso9660 linux loadenv loopback luks luks2 lvm mdraid09 \
    mdraid1x minicmd normal part_gpt part_msdos password_pbkdf2 pbkdf2 png probe reboot regexp search \
    search_fs_file search_fs_uuid search_label serial sleep test video xfs zstd
chmod 0700 grub2-efi-x64/$esp/lagoon/grubx64.efi
