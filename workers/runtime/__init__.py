"""What all workers share: the application around them, subscriptions, consumers, and retries."""
