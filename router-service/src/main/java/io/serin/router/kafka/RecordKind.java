package io.serin.router.kafka;

import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * What the journal holds. The codes are on disk: never change one. Each kind has numbers of its
 * own, so that a reader of one topic sees no holes; the suffix keeps the ids of all kinds apart.
 */
@SuppressWarnings("ImmutableEnumChecker") // Schemas and topics are never changed.
enum RecordKind {
  REQUEST(1, Topics.REQUESTS, RequestEvent.getClassSchema(), ""),
  FEEDBACK(2, Topics.FEEDBACK, FeedbackEvent.getClassSchema(), ".feedback"),
  PROGRESS(3, Topics.PROGRESS, ProgressEvent.getClassSchema(), ".progress");

  final int code;
  final Topic topic;
  final Schema schema;
  final String suffix;

  RecordKind(int code, Topic topic, Schema schema, String suffix) {
    this.code = code;
    this.topic = topic;
    this.schema = schema;
    this.suffix = suffix;
  }

  /**
   * @throws IllegalArgumentException where this build knows no such kind
   */
  static RecordKind of(int code) {
    for (RecordKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "the journal holds records of kind " + code + ": this build knows none such");
  }

  void identify(SpecificRecord value, EventId id) {
    value.put(schema.getField("id").pos(), id);
  }

  String unit(SpecificRecord value) {
    return String.valueOf(value.get(unitField()));
  }

  /** Where among the fields the unit is; the id is the first of all. */
  int unitField() {
    return schema.getField("unit").pos();
  }
}
