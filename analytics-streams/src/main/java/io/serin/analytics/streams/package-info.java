/** Kafka Streams building blocks that both applications use. */
@NullMarked
package io.serin.analytics.streams;

import org.jspecify.annotations.NullMarked;
