"""The main job: `scratchnet train`, its options, its data, and the picture it leaves."""
