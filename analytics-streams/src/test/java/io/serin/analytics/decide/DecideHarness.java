package io.serin.analytics.decide;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.analytics.controller.Decider;
import io.serin.analytics.streams.Faults;
import io.serin.analytics.streams.StreamsApplication;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.EventKind;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.Slice;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.Why;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/**
 * The production topology on a test driver, a clock that only the test moves, and a small router
 * beside it.
 */
final class DecideHarness implements AutoCloseable {
  static final String ROLLOUT = "assistant";
  static final Instant START = Instant.parse("2026-11-02T08:00:00Z");

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final TopologyTestDriver driver;
  private final KafkaConnection connection;
  private final TestInputTopic<String, RequestEvent> requests;
  private final TestInputTopic<String, ProgressEvent> progress;
  private final TestInputTopic<String, FeedbackEvent> feedback;
  private final TestInputTopic<String, WantedRollout> rollouts;
  private final TestInputTopic<String, ActionRequest> actions;
  private final TestInputTopic<String, RouterAck> acks;
  private final TestInputTopic<String, Command> oldCommands;
  private final TestInputTopic<String, ShadowResult> shadowResults;
  private final TestOutputTopic<String, Command> commandsOut;
  private final TestOutputTopic<String, Verdict> verdictsOut;
  private final TestOutputTopic<String, RolloutEvent> eventsOut;
  private final TestOutputTopic<String, DecisionInput> inputsOut;

  final List<Command> commands = new ArrayList<>();
  final List<Verdict> verdicts = new ArrayList<>();
  final List<RolloutEvent> events = new ArrayList<>();
  final List<DecisionInput> inputs = new ArrayList<>();

  private Instant now;
  private long sequence;

  DecideHarness() {
    this(temporary(), START);
  }

  /** With a decider that is made to fail. */
  DecideHarness(Decisions.Steps steps) {
    this(temporary(), START, steps);
  }

  /** Continues from the state that a closed harness left in the directory. */
  DecideHarness(Path state, Instant start) {
    this(state, start, Decider::step);
  }

  private DecideHarness(Path state, Instant start, Decisions.Steps steps) {
    now = start;
    connection = KafkaConnection.of("none:9092", "mock://decide");
    Faults faults = new Faults(meters);
    Properties config =
        StreamsApplication.properties(connection, DecideTopology.settings("test", state), faults);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "decide-test");
    driver =
        new TopologyTestDriver(
            new DecideTopology(connection, faults, UnitRetention.DEFAULT, steps).build(),
            config,
            start);
    requests = in(Topics.REQUESTS);
    progress = in(Topics.PROGRESS);
    feedback = in(Topics.FEEDBACK);
    rollouts = in(Topics.ROLLOUTS);
    actions = in(Topics.ACTIONS);
    acks = in(Topics.ACKS);
    oldCommands = in(Topics.COMMANDS);
    shadowResults = in(Topics.SHADOW_RESULTS);
    commandsOut = out(Topics.COMMANDS);
    verdictsOut = out(Topics.VERDICTS);
    eventsOut = out(Topics.EVENTS);
    inputsOut = out(Topics.INPUTS);
  }

  private <T extends SpecificRecord> TestInputTopic<String, T> in(Topic topic) {
    return driver.createInputTopic(
        topic.name(), new StringSerializer(), connection.<T>serializer());
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> out(Topic topic) {
    return driver.createOutputTopic(
        topic.name(), new StringDeserializer(), connection.<T>deserializer());
  }

  void apply(String run, String yaml) {
    apply(ROLLOUT, run, yaml);
  }

  void apply(String rollout, String run, String yaml) {
    rollouts.pipeInput(
        rollout,
        WantedRollout.newBuilder()
            .setRollout(rollout)
            .setRun(run)
            .setFile(yaml)
            .setAppliedBy("ann")
            .setAppliedAt(now)
            .build(),
        now);
    drain();
  }

  void ask(ActionKind kind, String key, Consumer<ActionRequest.Builder> more) {
    ask(ROLLOUT, kind, key, more);
  }

  void ask(String rollout, ActionKind kind, String key) {
    ask(rollout, kind, key, action -> {});
  }

  private void ask(
      String rollout, ActionKind kind, String key, Consumer<ActionRequest.Builder> more) {
    ActionRequest.Builder action =
        ActionRequest.newBuilder()
            .setRollout(rollout)
            .setKind(kind)
            .setWho("ann")
            .setAt(now)
            .setIdempotencyKey(key);
    more.accept(action);
    actions.pipeInput(rollout, action.build(), now);
    drain();
  }

  void ask(ActionKind kind, String key) {
    ask(kind, key, action -> {});
  }

  void heartbeat(String router, long revision, String... trips) {
    acks.pipeInput(
        router,
        RouterAck.newBuilder()
            .setRouter(router)
            .setIncarnation("i")
            .setAt(now)
            .setUrl("http://127.0.0.1:1")
            .setRevisions(Map.of(ROLLOUT, revision))
            .setTrips(List.of(trips))
            .setBacklog(0)
            .setBacklogBytes(0)
            .setDropped(0)
            .build(),
        now);
    drain();
  }

  void shadow(ShadowResult result) {
    shadowResults.pipeInput(result.getUnit(), result, now);
    drain();
  }

  void oldCommand(Command command) {
    oldCommands.pipeInput(ROLLOUT, command, now);
  }

  /** What a router would publish for a good answer of this unit under the newest command. */
  RequestEvent.Builder request(String unit) {
    return request(newest(), unit);
  }

  RequestEvent.Builder request(Command command, String unit) {
    return RequestEvent.newBuilder()
        .setId(new EventId("router-1", 0, sequence++))
        .setRequestId("r" + sequence)
        .setAttempt(1)
        .setLast(true)
        .setStartedAt(now)
        .setEndedAt(now)
        .setRouter("router-1")
        .setRollout(command.getRollout())
        .setRun(command.getRun())
        .setRevision(command.getRevision())
        .setStage(command.getStage())
        .setStageName(command.getStageName())
        .setSplit(command.getSplit())
        .setUnit(unit)
        .setAssignedVariant(assigned(command, unit))
        .setServedVariant(assigned(command, unit))
        .setWhy(Why.ASSIGNED)
        .setEndpoint("chat.completions")
        .setStreamed(false)
        .setMeasurement(
            Measurement.newBuilder()
                .setOutcome(Outcome.OK)
                .setStatus(200)
                .setDurationMicros(100_000)
                .setRefusal(false)
                .build())
        .setClientOutcome(Outcome.OK)
        .setClientDurationMicros(100_000L);
  }

  static String assigned(Command command, String unit) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((command.getSalt() + ":" + unit).getBytes(StandardCharsets.UTF_8));
      int slot = (int) Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), 10_000);
      return command.getSplit().stream()
          .filter(slice -> slice.getFrom() <= slot && slot < slice.getTo())
          .findFirst()
          .map(Slice::getVariant)
          .orElseThrow();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The failure of an attempt whose fallback another record tells. */
  static RequestEvent failed(RequestEvent.Builder request) {
    request.setLast(false).setClientOutcome(null).setClientDurationMicros(null);
    request.getMeasurement().setOutcome(Outcome.HTTP_ERROR);
    request.getMeasurement().setStatus(500);
    return request.build();
  }

  /** The request is still running: it was read that long ago. */
  ProgressEvent running(RequestEvent event, long waitedMillis) {
    return ProgressEvent.newBuilder()
        .setId(new EventId("router.progress", 0, sequence++))
        .setRequestId(event.getRequestId())
        .setStartedAt(event.getStartedAt())
        .setAt(now)
        .setRouter(event.getRouter())
        .setRollout(event.getRollout())
        .setRun(event.getRun())
        .setRevision(event.getRevision())
        .setStage(event.getStage())
        .setSplit(event.getSplit())
        .setUnit(event.getUnit())
        .setAssignedVariant(event.getAssignedVariant())
        .setStreamed(event.getStreamed())
        .setWaitedMillis(waitedMillis)
        .build();
  }

  void send(ProgressEvent event) {
    progress.pipeInput(event.getUnit(), event, now);
    drain();
  }

  void send(RequestEvent event) {
    requests.pipeInput(event.getUnit(), event, now);
    drain();
  }

  /** A thumb on a request that this unit made. */
  FeedbackEvent thumb(RequestEvent rated, boolean up) {
    FeedbackEvent event = new FeedbackEvent();
    event.setId(new EventId("router-1", 1, sequence++));
    event.setRequestId(rated.getRequestId());
    event.setKind("thumb");
    event.setValue(up ? 1.0 : -1.0);
    event.setReceivedAt(now);
    event.setRollout(ROLLOUT);
    event.setRun(rated.getRun());
    event.setStage(rated.getStage());
    event.setUnit(rated.getUnit());
    event.setAssignedVariant(rated.getAssignedVariant());
    event.setServedVariant(rated.getServedVariant());
    event.setWhy(rated.getWhy());
    return event;
  }

  void rate(FeedbackEvent event) {
    feedback.pipeInput(event.getUnit(), event, now);
    drain();
  }

  /** What is remembered of units, as it is kept. */
  KeyValueStore<String, byte[]> remembered() {
    return driver.getKeyValueStore(FirstEventsProcessor.STORE);
  }

  /** Keys of the units that are remembered. */
  List<String> units() {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all =
        driver.<String, byte[]>getKeyValueStore(FirstEventsProcessor.STORE).all()) {
      all.forEachRemaining(entry -> keys.add(entry.key));
    }
    return keys;
  }

  /** Keys that a lost store of units is restored with. */
  Set<String> changelogOfUnits() {
    Set<String> keys = new TreeSet<>();
    TestOutputTopic<String, byte[]> changelog =
        driver.createOutputTopic(
            "decide-test-" + FirstEventsProcessor.STORE + "-changelog",
            new StringDeserializer(),
            new ByteArrayDeserializer());
    for (TestRecord<String, byte[]> record : changelog.readRecordsToList()) {
      if (record.value() == null) {
        keys.remove(record.key());
      } else {
        keys.add(record.key());
      }
    }
    return keys;
  }

  /** Keys of what judge and controller keep. */
  List<String> cells() {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all =
        driver.<String, byte[]>getKeyValueStore(Decisions.STORE).all()) {
      all.forEachRemaining(entry -> keys.add(entry.key));
    }
    return keys;
  }

  void advance(Duration time) {
    now = now.plus(time);
    driver.advanceWallClockTime(time);
    drain();
  }

  Command newest() {
    return commands.getLast();
  }

  Command newest(String rollout) {
    return commands.stream()
        .filter(command -> command.getRollout().equals(rollout))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  /** Puts bytes on a topic as they are. */
  void poison(Topic topic, byte @Nullable [] value) {
    poison(topic, "poison", value);
  }

  /** The same under a key. */
  void poison(Topic topic, String key, byte @Nullable [] value) {
    driver
        .createInputTopic(topic.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput(key, value, now);
    drain();
  }

  /** Bytes of a record, as its producer would write them. */
  byte[] bytes(Topic topic, SpecificRecord record) {
    return connection.serializer().serialize(topic.name(), record);
  }

  /** Makes the kept state of the controller unreadable. */
  void spoilState() {
    decisions().put(ROLLOUT + "/status", new byte[] {'?'});
  }

  /** Replaces a text in a rollout's kept state by one of the same length. */
  void editState(String rollout, String text, String by) {
    byte[] kept = decisions().get(rollout + "/status");
    String before = new String(kept, StandardCharsets.ISO_8859_1);
    if (!before.contains(text) || text.length() != by.length()) {
      throw new AssertionError(before);
    }
    decisions()
        .put(rollout + "/status", before.replace(text, by).getBytes(StandardCharsets.ISO_8859_1));
  }

  KeyValueStore<String, byte[]> decisions() {
    return driver.getKeyValueStore(Decisions.STORE);
  }

  List<EventKind> eventKinds() {
    return events.stream().map(RolloutEvent::getKind).toList();
  }

  RolloutEvent event(EventKind kind) {
    return events.stream().filter(event -> event.getKind() == kind).findFirst().orElseThrow();
  }

  Instant now() {
    return now;
  }

  private void drain() {
    commands.addAll(commandsOut.readValuesToList());
    verdicts.addAll(verdictsOut.readValuesToList());
    events.addAll(eventsOut.readValuesToList());
    inputs.addAll(inputsOut.readValuesToList());
  }

  static Path temporary() {
    try {
      Path directory = Files.createTempDirectory("decide");
      directory.toFile().deleteOnExit();
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.close();
  }
}
