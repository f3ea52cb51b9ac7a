"""For each option of `url`, `repo` and %packages that is supported: a line with it, and the line to compare it with."""

from __future__ import annotations

_TRUST = {
    "--gpgkey": "--gpgkey=file:///k",
    "--gpgkey-fingerprint": f"--gpgkey=file:///k --gpgkey-fingerprint={'ab' * 20}",
    "--nogpgcheck": "--nogpgcheck",
    "--repo-gpgcheck": "--repo-gpgcheck",
    "--username": "--username=anna",
    "--password": "--username=anna --password=p",
    "--proxy": "--proxy=cache:3128",
    "--noverifyssl": "--noverifyssl",
    "--sslcacert": "--sslcacert=/c",
    "--sslclientcert": "--sslclientcert=/c",
    "--sslclientkey": "--sslclientkey=/k",
}
_URL, _REPO = "--url=http://x.example/", "--name=x --baseurl=http://x.example/"
_REPO_MORE = {
    "--cost": "--cost=10",
    "--priority": "--priority=10",
    "--excludepkgs": "--excludepkgs=nano,vim*",
    "--includepkgs": "--includepkgs=nano,vim*",
    "--install": "--install",
    "--title": "--title='Fedora 44'",
    "--ignoregroups": "--ignoregroups",
}
EXAMPLES = {
    "url": {
        "--url": "--url=http://y.example/",
        "--mirrorlist": "--mirrorlist=http://x.example/",
        "--metalink": "--metalink=http://x.example/",
        **{option: f"{_URL} {words}" for option, words in _TRUST.items()},
    },
    "repo": {
        "--name": "--name=y --baseurl=http://x.example/",
        "--baseurl": "--name=x --baseurl=http://y.example/",
        "--mirrorlist": "--name=x --mirrorlist=http://x.example/",
        "--metalink": "--name=x --metalink=http://x.example/",
        **{option: f"{_REPO} {words}" for option, words in {**_TRUST, **_REPO_MORE}.items()},
    },
}
WITHOUT = {"url": _URL, "repo": _REPO}
BESIDE = {
    (command, option): f"{place} {words}"
    for command, place in WITHOUT.items()
    for option, words in {"--gpgkey-fingerprint": "--gpgkey=file:///k", "--password": "--username=anna"}.items()
}
OTHER_LINES = dict.fromkeys(("url", "repo", "cdrom"), "%packages\n%end\n")
SECTION = {
    "--excludedocs": "--excludedocs",
    "--ignoremissing": "--ignoremissing",
    "--ignorebroken": "--ignorebroken",
    "--multilib": "--multilib",
    "--nocore": "--nocore",
    "--inst-langs": "--inst-langs=",
    "--exclude-weakdeps": "--exclude-weakdeps",
    "--timeout": "--timeout=7",
    "--retries": "--retries=0",
    "--releasever": "--releasever=44",
}
