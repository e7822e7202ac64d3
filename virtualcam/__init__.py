"""Where pictures go: virtual camera device, MJPEG, movie."""
