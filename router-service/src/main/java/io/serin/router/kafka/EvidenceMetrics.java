package io.serin.router.kafka;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The journal and the publishers as metrics. */
public final class EvidenceMetrics implements MeterBinder {

  private final KafkaEvidence evidence;

  public EvidenceMetrics(KafkaEvidence evidence) {
    this.evidence = evidence;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("serin.journal.backlog.events", evidence, e -> e.journal().backlog())
        .description("Events that Kafka has not acknowledged")
        .register(registry);
    Gauge.builder("serin.journal.backlog.bytes", evidence, e -> e.journal().backlogBytes())
        .description("Bytes of the events that Kafka has not acknowledged")
        .register(registry);
    Gauge.builder(
            "serin.journal.oldest.age.seconds",
            evidence,
            e -> e.publisher().oldestAgeMillis() / 1e3)
        .description("How long the oldest event waits that Kafka has not acknowledged")
        .register(registry);
    Gauge.builder("serin.journal.files.bytes", evidence, e -> e.journal().bytes())
        .description("Size of the journal's files")
        .register(registry);
    Gauge.builder("serin.journal.open.tickets", evidence, e -> e.journal().openTickets())
        .description("Requests under way")
        .register(registry);
    FunctionCounter.builder("serin.journal.dropped", evidence, e -> e.journal().dropped())
        .description(
            "Events lost because the journal or the disk was full, since the journal was made")
        .register(registry);
    FunctionCounter.builder("serin.events.published", evidence, e -> e.publisher().published())
        .description("Events that Kafka acknowledged")
        .register(registry);
    FunctionCounter.builder("serin.events.unsendable", evidence, e -> e.publisher().unsendable())
        .description("Events given up because no retry could help")
        .register(registry);
    FunctionCounter.builder("serin.events.restarts", evidence, e -> e.publisher().restarts())
        .description("Times that publishing began again after a failure")
        .register(registry);
    FunctionCounter.builder("serin.payloads.published", evidence, KafkaEvidence::payloadsPublished)
        .description("Captured payloads that Kafka acknowledged")
        .register(registry);
    FunctionCounter.builder("serin.payloads.dropped", evidence, KafkaEvidence::payloadsDropped)
        .description("Captured payloads that were too large, too many or refused")
        .register(registry);
  }
}
