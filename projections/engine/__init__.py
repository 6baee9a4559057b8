"""What all read models share: the fold, its subscription, rebuilds, verification and pages."""
