"""Telling people: rules are judged beside the polling, and what they tell goes out by one channel or another."""
