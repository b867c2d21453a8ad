/**
 * The router's side of Kafka: publishes the journal, follows commands, acknowledges them. Start
 * reading at {@link io.serin.router.kafka.KafkaEvidence} and {@link
 * io.serin.router.kafka.CommandFollower}.
 */
@NullMarked
package io.serin.router.kafka;

import org.jspecify.annotations.NullMarked;
