package io.serin.router.rollout;

import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.ports.CommandTarget;
import io.serin.router.trip.LocalTrip;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.RefusedPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rollouts that this router serves. One {@link Table} at a time is current; each event loop
 * holds its own reference to it and adopts a newer one on its own thread, so that a request sees
 * one table from its first byte to its assignment.
 *
 * <p>Changes come from commands, from local trips and from people at the admin port. A change is
 * complete when every event loop has adopted it. Every command is adopted, in part where a part of
 * it cannot be served: {@link CommandReading}. Thread-safe.
 */
public final class RolloutTables implements CommandTarget {

  private record Loop(Executor executor, Consumer<Table> adopter) {}

  private final UnitHasher hasher;
  private final Credentials credentials;
  private final TripStore store;
  private final TripPolicy policy;
  private final Leases leases;
  private final Conversations conversations;
  private final Map<String, LocalTrip> watches = new ConcurrentHashMap<>();

  /** Each rollout as it was last served with its command's own control. */
  private final Map<String, Rollout> lastGood = new HashMap<>();

  /** What was refused of each rollout's current command. */
  private final Map<String, List<RefusedPart>> refused = new ConcurrentHashMap<>();

  private final List<Loop> loops = new CopyOnWriteArrayList<>();
  private volatile Table current;
  private volatile Runnable onRemoval = () -> {};
  private CompletableFuture<Void> adoption = CompletableFuture.completedFuture(null);

  /**
   * Starts with the trips that the store remembers and without any rollout.
   *
   * @param hasher hashes units
   * @param credentials reads the variants' credentials
   * @param store keeps trips over a restart
   * @param policy when to trip
   */
  public RolloutTables(
      UnitHasher hasher, Credentials credentials, TripStore store, TripPolicy policy) {
    this(hasher, credentials, store, policy, System::nanoTime);
  }

  /**
   * @param nanoTime the monotonic clock that leases run on
   */
  public RolloutTables(
      UnitHasher hasher,
      Credentials credentials,
      TripStore store,
      TripPolicy policy,
      LongSupplier nanoTime) {
    this.hasher = hasher;
    this.credentials = credentials;
    this.store = store;
    this.policy = policy;
    TripStore.Removals removals = store.read();
    this.leases = new Leases(nanoTime, removals.ranOut());
    this.conversations = new Conversations(nanoTime, Conversations.MOST);
    this.current = new Table(1, Map.of(), removals.trips(), removals.forced(), Set.of());
  }

  /**
   * Adds an event loop.
   *
   * @param executor runs on the loop
   * @param adopter takes a table, on the loop; called at once with the current one, and with each
   *     later one in order
   */
  public synchronized void addLoop(Executor executor, Consumer<Table> adopter) {
    Loop loop = new Loop(executor, adopter);
    loops.add(loop);
    Table table = current;
    executor.execute(() -> adopter.accept(table));
  }

  /**
   * Runs after each change of what this router removed, under this object's lock: it must not
   * block.
   */
  public void onRemoval(Runnable listener) {
    onRemoval = listener;
  }

  /** The current table, which event loops may be about to adopt. */
  public Table current() {
    return current;
  }

  @Override
  public synchronized CompletionStage<Void> adopt(Command command) {
    String name = command.getRollout();
    Rollout serving = current.rollout(name);
    if (serving != null && serving.revision() >= command.getRevision()) {
      return adoption;
    }
    Rollout rollout = read(command, serving);
    Map<String, Rollout> rollouts = new HashMap<>(current.rollouts());
    Set<Table.Trip> trips = new HashSet<>(current.trips());
    if (rollout == null) {
      RolloutLog.unservable(command);
      rollouts.remove(name);
    } else {
      rollouts.put(name, rollout);
    }
    if (serving != null && !serving.command().getRun().equals(command.getRun())) {
      watches.remove(name);
    }
    trips.removeIf(trip -> trip.rollout().equals(name) && !trip.run().equals(command.getRun()));
    for (String variant : command.getClearsTrips()) {
      if (trips.remove(new Table.Trip(name, variant, command.getRun()))) {
        RolloutLog.tripCleared(name, variant);
      }
      watch(name).forget(variant);
    }
    return publish(rollouts, trips, current.forced());
  }

  /** What the command makes of the rollout; null where nothing of it can be served. */
  private @Nullable Rollout read(Command command, @Nullable Rollout serving) {
    String name = command.getRollout();
    Rollout before = lastGood.getOrDefault(name, serving);
    Rollout rollout;
    List<RefusedPart> parts;
    try {
      CommandReading reading = new CommandReading(command, before, credentials);
      rollout = reading.read(hasher);
      parts = reading.refused();
    } catch (RuntimeException e) {
      RolloutLog.failed(command, e);
      rollout = before == null ? null : CommandReading.controlAlone(command, before, hasher);
      parts = List.of(new RefusedPart(name, command.getRevision(), null, "internal error: " + e));
    }
    if (rollout != null && !rollout.controlStandsIn()) {
      lastGood.put(name, rollout);
    }
    refused.put(name, parts);
    RolloutLog.adopted(rollout == null ? command : rollout.command(), parts);
    return rollout;
  }

  /** The parts of the current commands that this router refused, sorted. */
  public List<RefusedPart> refused() {
    return refused.values().stream().flatMap(List::stream).sorted(CommandReading.ORDER).toList();
  }

  @Override
  public synchronized List<Command> standIns() {
    return current.all().stream()
        .filter(Rollout::controlStandsIn)
        .map(rollout -> lastGood.get(rollout.name()))
        .filter(Objects::nonNull)
        .map(Rollout::command)
        .toList();
  }

  @Override
  public synchronized void renewed(Command command) {
    Rollout serving = current.rollout(command.getRollout());
    if (serving == null || serving.revision() <= command.getRevision()) {
      leases.renewed(command);
      checkLeases();
    }
  }

  /** Takes the candidates of each active run out whose lease ended, and lets them back in. */
  public synchronized void checkLeases() {
    if (!lapsed(current.rollouts()).equals(current.lapsed())) {
      var unused = publish(current.rollouts(), current.trips(), current.forced());
    }
  }

  /** The rollouts that this router serves by control alone since their lease ended, sorted. */
  public List<String> lapsed() {
    return current.lapsed().stream().sorted().toList();
  }

  private Set<String> lapsed(Map<String, Rollout> rollouts) {
    Set<String> ended = new HashSet<>();
    rollouts.forEach(
        (name, rollout) -> {
          if (leases.ended(rollout.command())) {
            ended.add(name);
          }
        });
    return ended;
  }

  /** Control answered or failed an attempt. */
  public void controlEnded(Rollout startedUnder, boolean failed) {
    if (underWay(startedUnder)) {
      watch(startedUnder.name()).controlEnded(failed);
    }
  }

  /**
   * A candidate answered or failed an attempt; trips it where the policy says so. What began under
   * an earlier run says nothing about this one's candidate.
   */
  public void candidateEnded(
      Rollout startedUnder, String variant, String unit, String sender, boolean failed) {
    if (underWay(startedUnder)
        && watch(startedUnder.name()).candidateEnded(variant, unit, sender, failed)) {
      trip(startedUnder.name(), variant);
    }
  }

  /** Judges a candidate again, after control answered the request that it failed. */
  public void judge(Rollout startedUnder, String variant) {
    if (underWay(startedUnder) && watch(startedUnder.name()).judge(variant)) {
      trip(startedUnder.name(), variant);
    }
  }

  private boolean underWay(Rollout startedUnder) {
    return current.run(startedUnder.name()).equals(startedUnder.command().getRun());
  }

  /** Removes a variant on this router, until a command clears it or another run begins. */
  public synchronized CompletionStage<Void> trip(String rollout, String variant) {
    Set<Table.Trip> trips = new HashSet<>(current.trips());
    if (!trips.add(new Table.Trip(rollout, variant, current.run(rollout)))) {
      return adoption;
    }
    RolloutLog.tripped(rollout, variant);
    return publish(current.rollouts(), trips, current.forced());
  }

  /**
   * Forces a rollout to control on this router, or lifts the force.
   *
   * @return completes when every event loop does so
   */
  public synchronized CompletionStage<Void> force(String rollout, boolean on) {
    Set<String> forced = new HashSet<>(current.forced());
    if (on ? !forced.add(rollout) : !forced.remove(rollout)) {
      return adoption;
    }
    RolloutLog.forced(rollout, on);
    return publish(current.rollouts(), current.trips(), forced);
  }

  /** The variants that this router tripped, "rollout/variant", sorted. */
  public List<String> trips() {
    return current.trips().stream().map(Table.Trip::toString).distinct().sorted().toList();
  }

  /** The rollouts that a person forced to control on this router, sorted. */
  public List<String> forced() {
    return current.forced().stream().sorted().toList();
  }

  private CompletionStage<Void> publish(
      Map<String, Rollout> rollouts, Set<Table.Trip> trips, Set<String> forced) {
    Table table =
        new Table(
            current.version() + 1,
            Map.copyOf(rollouts),
            Set.copyOf(trips),
            Set.copyOf(forced),
            Set.copyOf(lapsed(rollouts)));
    boolean removalsChanged =
        !table.trips().equals(current.trips())
            || !table.forced().equals(current.forced())
            || !table.lapsed().equals(current.lapsed());
    RolloutLog.lapses(current, table);
    conversationsMove(current, table);
    current = table;
    List<CompletableFuture<Void>> adopted = new ArrayList<>();
    for (Loop loop : loops) {
      adopted.add(CompletableFuture.runAsync(() -> loop.adopter().accept(table), loop.executor()));
    }
    if (removalsChanged) {
      store.write(new TripStore.Removals(table.trips(), table.forced(), leases.ranOut()));
      onRemoval.run();
    }
    adoption = CompletableFuture.allOf(adopted.toArray(CompletableFuture[]::new));
    return adoption;
  }

  /** The conversations of each candidate that the newer table takes out. */
  private void conversationsMove(Table before, Table after) {
    for (Rollout rollout : before.all()) {
      for (Variant variant : rollout.variants().values()) {
        if (!variant.control()
            && !variant.maker().equals(rollout.control().maker())
            && before.keeps(rollout, variant)
            && !after.keeps(rollout, variant)) {
          conversations.takenOut(
              rollout.name(), rollout.command().getRun(), variant.name(), variant.maker());
        }
      }
    }
  }

  /** What this router remembers of conversations. */
  public Conversations conversations() {
    return conversations;
  }

  private LocalTrip watch(String rollout) {
    return watches.computeIfAbsent(rollout, name -> new LocalTrip(policy));
  }
}
