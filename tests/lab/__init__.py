"""The laboratory distribution: Lagoon Linux, RPM packages that really boot, made of Debian's.

Tests install it where others would install Fedora, whose repositories they can't count on. Its packages have Fedora's
names where an installer looks at names, Fedora's scriptlets where those matter, comps, signatures and metadata. Nothing
of ours but the tests knows it.
"""
