package io.serin.router.journal;

/**
 * A place in the journal: a segment's number and the offset of a frame in it. Grows as the journal
 * grows.
 */
public record Position(long segment, long offset) implements Comparable<Position> {

  @Override
  public int compareTo(Position other) {
    int bySegment = Long.compare(segment, other.segment);
    return bySegment != 0 ? bySegment : Long.compare(offset, other.offset);
  }
}
