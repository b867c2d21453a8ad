/** What each service needs of Kafka and the registry, and whether it has it, checked at start. */
@NullMarked
package io.serin.schemas.start;

import org.jspecify.annotations.NullMarked;
