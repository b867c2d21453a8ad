/** How every service reaches Kafka and the schema registry. */
@NullMarked
package io.serin.schemas.connect;

import org.jspecify.annotations.NullMarked;
