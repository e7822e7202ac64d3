"""What is in one picture: detectors, pose estimators, and the scheduler that spends the budget."""
