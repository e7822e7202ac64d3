"""What `jikcam doctor` looks at, where it takes more than a few lines."""
