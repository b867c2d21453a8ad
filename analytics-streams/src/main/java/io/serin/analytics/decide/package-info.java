/**
 * The decide application: its topology, processors and the mapping between Avro records and the
 * pure policy.
 */
@NullMarked
package io.serin.analytics.decide;

import org.jspecify.annotations.NullMarked;
