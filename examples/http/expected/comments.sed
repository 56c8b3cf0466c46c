s/^\[[0-9]{2}:[0-9]{2}:[0-9]{2}\]/[TIME]/
s/took [0-9]+\.[0-9]{2} seconds/took SECONDS/
