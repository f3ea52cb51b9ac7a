"""What gets installed: container images and their way into an ostree repository."""
