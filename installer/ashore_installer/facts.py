"""What is known of a plan's payload, of either kind."""

from __future__ import annotations

from ashore_installer.image import ImageInfo
from ashore_installer.package_plan import PackagesInfo

Facts = ImageInfo | PackagesInfo
