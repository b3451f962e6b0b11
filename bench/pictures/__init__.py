"""Draws pages of job platforms with a headless browser, and damages the pictures as life does."""
