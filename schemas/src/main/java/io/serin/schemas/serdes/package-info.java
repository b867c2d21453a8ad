/** Avro in Confluent's wire format: 0x0, the schema's id in four bytes, Avro binary. */
@NullMarked
package io.serin.schemas.serdes;

import org.jspecify.annotations.NullMarked;
