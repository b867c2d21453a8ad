package io.serin.router.kafka;

import io.serin.schemas.Measurement;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Slice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request event as Avro's own writer does, byte for byte, without asking the schema at
 * each field: two events for each request make this the router's hottest path after its sockets.
 * What the command of a rollout says is the same in all its events, and is written once. One
 * thread's.
 */
@SuppressWarnings("EnumOrdinal") // Made of the schema, in its order, which is what Avro writes.
final class RequestEncoder {

  /** The fields in the order in which they are written here; the schema must have the same. */
  private static final List<String> FIELDS =
      List.of(
          "id",
          "requestId",
          "clientRequestId",
          "attempt",
          "last",
          "startedAt",
          "endedAt",
          "router",
          "rollout",
          "run",
          "revision",
          "stage",
          "stageName",
          "split",
          "unit",
          "assignedVariant",
          "servedVariant",
          "why",
          "endpoint",
          "streamed",
          "measurement",
          "queueMicros",
          "requestBytes",
          "clientOutcome",
          "clientStatus",
          "clientTtftMicros",
          "clientDurationMicros",
          "priorAnswers",
          "excluded",
          "progressId");

  private static final List<String> MEASURED =
      List.of(
          "outcome",
          "status",
          "ttftMicros",
          "durationMicros",
          "promptTokens",
          "completionTokens",
          "reasoningTokens",
          "cachedTokens",
          "finishReason",
          "refusal",
          "responseBytes",
          "servedModel",
          "systemFingerprint",
          "reasoningTtftMicros",
          "visibleTtftMicros");

  static {
    same(RequestEvent.getClassSchema(), FIELDS);
    same(Measurement.getClassSchema(), MEASURED);
  }

  /** What a command gives all its events, known again by identity: they hold its own texts. */
  private record Command(
      String router,
      String rollout,
      String run,
      long revision,
      int stage,
      String stageName,
      List<Slice> split) {

    static Command of(RequestEvent event) {
      return new Command(
          event.getRouter(),
          event.getRollout(),
          event.getRun(),
          event.getRevision(),
          event.getStage(),
          event.getStageName(),
          event.getSplit());
    }

    @SuppressWarnings("ReferenceEquality") // Others of the same value are only written again.
    boolean gave(RequestEvent event) {
      return split == event.getSplit()
          && router == event.getRouter()
          && rollout == event.getRollout()
          && run == event.getRun()
          && revision == event.getRevision()
          && stage == event.getStage()
          && stageName == event.getStageName();
    }

    byte[] bytes() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BinaryEncoder out = EncoderFactory.get().directBinaryEncoder(bytes, null);
      out.writeString(router);
      out.writeString(rollout);
      out.writeString(run);
      out.writeLong(revision);
      out.writeInt(stage);
      out.writeString(stageName);
      out.writeArrayStart();
      out.setItemCount(split.size());
      for (Slice slice : split) {
        out.startItem();
        out.writeString(slice.getVariant());
        out.writeInt(slice.getFrom());
        out.writeInt(slice.getTo());
      }
      out.writeArrayEnd();
      out.flush();
      return bytes.toByteArray();
    }
  }

  /** Of the last event that was written. */
  private @Nullable Command command;

  private byte[] commandBytes = new byte[0];

  /**
   * Writes the event.
   *
   * @throws NullPointerException if a field is missing
   */
  void write(RequestEvent event, BinaryEncoder out) throws IOException {
    out.writeString(event.getId().getIncarnation());
    out.writeInt(event.getId().getPartition());
    out.writeLong(event.getId().getSequence());
    out.writeString(event.getRequestId());
    optional(event.getClientRequestId(), out);
    out.writeInt(event.getAttempt());
    out.writeBoolean(event.getLast());
    instant(event.getStartedAt(), out);
    instant(event.getEndedAt(), out);
    out.writeFixed(commandOf(event));
    out.writeString(event.getUnit());
    out.writeString(event.getAssignedVariant());
    out.writeString(event.getServedVariant());
    out.writeEnum(event.getWhy().ordinal());
    out.writeString(event.getEndpoint());
    out.writeBoolean(event.getStreamed());
    write(event.getMeasurement(), out);
    out.writeLong(event.getQueueMicros());
    out.writeLong(event.getRequestBytes());
    optional(event.getClientOutcome(), out);
    optional(event.getClientStatus(), out);
    optional(event.getClientTtftMicros(), out);
    optional(event.getClientDurationMicros(), out);
    optional(event.getPriorAnswers(), out);
    optional(event.getExcluded(), out);
    optional(event.getProgressId(), out);
  }

  private static void write(Measurement measured, BinaryEncoder out) throws IOException {
    out.writeEnum(measured.getOutcome().ordinal());
    optional(measured.getStatus(), out);
    optional(measured.getTtftMicros(), out);
    out.writeLong(measured.getDurationMicros());
    optional(measured.getPromptTokens(), out);
    optional(measured.getCompletionTokens(), out);
    optional(measured.getReasoningTokens(), out);
    optional(measured.getCachedTokens(), out);
    optional(measured.getFinishReason(), out);
    if (measured.getRefusal() == null) {
      out.writeIndex(0);
    } else {
      out.writeIndex(1);
      out.writeBoolean(measured.getRefusal());
    }
    out.writeLong(measured.getResponseBytes());
    optional(measured.getServedModel(), out);
    optional(measured.getSystemFingerprint(), out);
    optional(measured.getReasoningTtftMicros(), out);
    optional(measured.getVisibleTtftMicros(), out);
  }

  private byte[] commandOf(RequestEvent event) throws IOException {
    Command last = command;
    if (last == null || !last.gave(event)) {
      Command next = Command.of(event);
      commandBytes = next.bytes();
      command = next;
    }
    return commandBytes;
  }

  private static void instant(Instant at, BinaryEncoder out) throws IOException {
    out.writeLong(at.toEpochMilli());
  }

  private static void optional(@Nullable Enum<?> value, BinaryEncoder out) throws IOException {
    if (value == null) {
      out.writeIndex(0);
    } else {
      out.writeIndex(1);
      out.writeEnum(value.ordinal());
    }
  }

  private static void optional(@Nullable String value, BinaryEncoder out) throws IOException {
    if (value == null) {
      out.writeIndex(0);
    } else {
      out.writeIndex(1);
      out.writeString(value);
    }
  }

  private static void optional(@Nullable Long value, BinaryEncoder out) throws IOException {
    if (value == null) {
      out.writeIndex(0);
    } else {
      out.writeIndex(1);
      out.writeLong(value);
    }
  }

  private static void optional(@Nullable Integer value, BinaryEncoder out) throws IOException {
    if (value == null) {
      out.writeIndex(0);
    } else {
      out.writeIndex(1);
      out.writeInt(value);
    }
  }

  private static void same(Schema schema, List<String> written) {
    List<String> fields = schema.getFields().stream().map(Schema.Field::name).toList();
    if (!fields.equals(written)) {
      throw new IllegalStateException(
          schema.getName() + " has the fields " + fields + ", but written are " + written);
    }
  }
}
