"""The demo city 潍坊, March 2020: generated, replayed through the ordinary commands, marked as what it is."""
