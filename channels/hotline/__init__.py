"""The hotline: calls that the 12348 call centre hands over while every agent is busy. docs/hotline.md"""
