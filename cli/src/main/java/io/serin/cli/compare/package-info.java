/** {@code serin compare}: two models' recorded answers, without Kafka. */
@NullMarked
package io.serin.cli.compare;

import org.jspecify.annotations.NullMarked;
