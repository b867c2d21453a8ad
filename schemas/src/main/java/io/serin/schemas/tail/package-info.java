/** Reading topics outside Kafka Streams: one rule for unreadable records, one way to tail. */
@org.jspecify.annotations.NullMarked
package io.serin.schemas.tail;
