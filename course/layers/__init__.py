"""What an image is made of: file entries, layers, digests, the image config, an image."""
