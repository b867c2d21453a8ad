package io.serin.analytics.policy;

import io.serin.analytics.rollout.RolloutFile;
import io.serin.analytics.rollout.RolloutFileException;
import io.serin.analytics.rollout.RolloutFileReader;
import io.serin.analytics.rollout.Shadow;
import io.serin.analytics.rollout.Split;
import io.serin.analytics.rollout.Stage;
import io.serin.analytics.rollout.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judge and controller of one rollout: {@code (state, input) → (state, outputs)}. The state is a
 * {@link Status} and {@link Cells}; a decider made of the same state and given the same inputs
 * gives the same outputs and state, bit for bit. It reads no clock and no randomness. Not
 * thread-safe.
 *
 * <p>Directions of failure: missing evidence never advances a stage, a broken split or a trip
 * freezes, a rolled back run stays so until a person or a new file says otherwise, and a revision
 * never falls.
 */
public final class Decider {
  /** A router is live for so long after a heartbeat. */
  static final long LIVE = 5_000;

  /** How often guards say what they see. */
  static final long REPORT = 10_000;

  private static final int KEYS = 256;
  private static final long LONGEST_CONFIRMATION = 300_000;
  private static final double BROKEN_SPLIT = StrictMath.log(1_000);

  private final String rollout;
  private final Status status;
  private Cells cells;
  private @Nullable RolloutFile file;
  private @Nullable Judge judge;
  private Gate gate;
  private boolean forgetsCells;
  private List<Output> outputs = new ArrayList<>();

  public Decider(String rollout) {
    this(rollout, new Status(), new Cells());
  }

  /** A decider that goes on from a state; it owns both from now on. */
  public Decider(String rollout, Status status, Cells cells) {
    this.rollout = rollout;
    this.status = status;
    this.cells = cells;
    this.gate = new Gate(cells);
    Status.Run run = status.run;
    if (run != null) {
      try {
        file = RolloutFileReader.read(run.file);
      } catch (RolloutFileException e) {
        throw new IllegalStateException("the file of run " + run.id + " was accepted once", e);
      }
      judge = new Judge(file, cells);
    }
  }

  public Status status() {
    return status;
  }

  /** What a keeper has to write after a step. */
  public Cells cells() {
    return cells;
  }

  /** True once after a step that began a new run: cells kept from before it are to be deleted. */
  public boolean drainForgotten() {
    boolean result = forgetsCells;
    forgetsCells = false;
    return result;
  }

  /** True where a {@link Input.Ticked} of this time would do something. */
  public boolean due(long now) {
    Status.Run run = status.run;
    RolloutFile known = file;
    if (run == null || known == null) {
      return false;
    }
    if (run.confirmation != null) {
      return true;
    }
    if (!run.phase.active()) {
      return false;
    }
    return now >= run.nextReport
        || stageIsOver(run, known, now)
        || renewalIsDue(run, known, now)
        || status.routers.entrySet().stream()
            .anyMatch(e -> lags(run, e.getKey(), e.getValue(), now));
  }

  /** Acts on one input. */
  public List<Output> step(Input input) {
    outputs = new ArrayList<>();
    status.inputs++;
    status.now = Math.max(status.now, input.at());
    switch (input) {
      case Input.Observed observed -> observed(observed.sight());
      case Input.Wanted wanted -> wanted(wanted);
      case Input.Asked asked -> asked(asked);
      case Input.Heard heard -> heard(heard);
      case Input.Found found -> found(found);
      case Input.Ticked ticked -> ticked();
    }
    return outputs;
  }

  private void observed(Sight sight) {
    Status.Run run = status.run;
    if (run == null || judge == null || !run.id.equals(sight.run()) || !run.phase.active()) {
      return;
    }
    judge.observe(sight);
    gate.observe(sight);
    evaluate(run, false);
  }

  private void ticked() {
    Status.Run run = status.run;
    RolloutFile known = file;
    if (run == null || known == null) {
      return;
    }
    boolean report = status.now >= run.nextReport;
    if (run.phase.active()) {
      evaluate(run, report);
    }
    if (run.phase.active() && stageIsOver(run, known, status.now)) {
      stageOver(run, known);
    }
    if (report) {
      run.nextReport = status.now + REPORT;
    }
    if (run.phase.active() && renewalIsDue(run, known, status.now)) {
      order(run, known, status.revision, run.cause, run.causeId, List.of());
    }
    tellLaggingRouters(run);
    confirm(run);
  }

  // --- guards ---

  private void evaluate(Status.Run run, boolean report) {
    Judge current = judge;
    if (current == null || run.split.weight(Variant.CONTROL) == Split.SLOTS) {
      return;
    }
    Finding rollback = null;
    String rollbackId = null;
    List<String> freezes = new ArrayList<>();
    for (Watch watch : current.watches()) {
      String name = watch.name();
      Decision before = run.decisions.getOrDefault(name, Decision.CONTINUE);
      if (!report && before == Decision.CONTINUE && watch.quiet()) {
        continue;
      }
      Finding finding = watch.finding();
      Decision decision = finding.decision();
      String id = run.id + "/" + status.inputs + "/" + name;
      if (report || decision != before) {
        outputs.add(
            new Output.Judged(
                id,
                run.id,
                status.revision,
                run.stage,
                status.now,
                status.inputs,
                decision,
                finding));
      }
      if (decision != before) {
        run.decisions.put(name, decision);
        announce(run, finding, decision, id);
      }
      if (decision == Decision.ROLLBACK && rollback == null) {
        rollback = finding;
        rollbackId = id;
      }
      if (decision == Decision.FREEZE) {
        freezes.add(name + " is at its signal level");
      }
    }
    if (rollback != null) {
      rollBack(
          run,
          rollback.guard().metric().text() + " rolled back",
          rollbackId,
          rollback.text(),
          rollback.firstBadAt(),
          numbers(rollback));
      return;
    }
    if (report) {
      run.brokenSplit = current.sampleRatioLogE() >= BROKEN_SPLIT;
    }
    if (run.brokenSplit) {
      freezes.add("units are not split as ordered, so no verdict can be trusted");
    }
    run.trips.forEach(
        (variant, routers) ->
            freezes.add(variant + " is tripped on " + String.join(", ", routers)));
    freezeOrResume(run, String.join("; ", freezes));
  }

  private void announce(Status.Run run, Finding finding, Decision decision, String id) {
    Output.Told.Kind kind =
        switch (decision) {
          case FLAG -> Output.Told.Kind.FLAGGED;
          case INVESTIGATE -> Output.Told.Kind.INVESTIGATE;
          case HOLD -> Output.Told.Kind.HELD;
          case ROLLBACK, FREEZE, CONTINUE -> null;
        };
    if (kind != null) {
      Map<String, String> details = numbers(finding);
      details.put("verdict", id);
      String why =
          decision == Decision.HOLD
              ? "; its units are not split as ordered, so it may not fire"
              : "";
      tell(run, kind, finding.guard().metric().text() + ": " + finding.text() + why, details);
    }
  }

  private void freezeOrResume(Status.Run run, String why) {
    RolloutFile known = file;
    if (known == null) {
      return;
    }
    if (!why.isEmpty() && run.phase == Phase.RUNNING) {
      run.phase = Phase.FROZEN;
      run.frozenBy = why;
      order(run, known, status.revision + 1, "frozen: " + why, null, List.of());
      tell(run, Output.Told.Kind.FROZEN, "Frozen: " + why + ".", Map.of("reason", why));
    } else if (why.isEmpty() && run.phase == Phase.FROZEN) {
      run.phase = Phase.RUNNING;
      order(
          run,
          known,
          status.revision + 1,
          "resumed: no guard at its signal level",
          null,
          List.of());
      tell(
          run,
          Output.Told.Kind.RESUMED,
          "Runs again: what froze it is over (" + run.frozenBy + ").",
          Map.of("reason", run.frozenBy));
      run.frozenBy = "";
    }
  }

  private static Map<String, String> numbers(Finding finding) {
    Map<String, String> details = new TreeMap<>();
    details.put("metric", finding.guard().metric().text());
    details.put("candidate", finding.candidate());
    details.put("logE", number(finding.logE()));
    details.put("threshold", number(finding.threshold()));
    details.put("candidateEvents", Long.toString(finding.events().candidate()));
    details.put("controlEvents", Long.toString(finding.events().control()));
    details.put("candidateUnits", Long.toString(finding.units().candidate()));
    details.put("controlUnits", Long.toString(finding.units().control()));
    return details;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  // --- rollback and its confirmation ---

  private void rollBack(
      Status.Run run,
      String cause,
      @Nullable String causeId,
      String text,
      long firstBadAt,
      Map<String, String> numbers) {
    RolloutFile known = file;
    if (known == null) {
      return;
    }
    run.phase = Phase.ROLLED_BACK;
    run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
    order(run, known, status.revision + 1, cause, causeId, List.of());
    expectConfirmation(run, known, firstBadAt);
    Map<String, String> details = new TreeMap<>(numbers);
    details.put("cause", cause);
    if (causeId != null) {
      details.put("causeId", causeId);
    }
    if (firstBadAt > 0) {
      details.put("firstBadAt", Long.toString(firstBadAt));
    }
    tell(
        run,
        Output.Told.Kind.ROLLED_BACK,
        "Rolled back: " + text + ". All units go to control.",
        details);
    confirm(run);
  }

  private void expectConfirmation(Status.Run run, RolloutFile known, long firstBadAt) {
    Status.Confirmation confirmation = new Status.Confirmation();
    confirmation.revision = status.revision;
    confirmation.decidedAt = status.now;
    confirmation.firstBadAt = firstBadAt;
    long lease = known.lease().toMillis();
    confirmation.deadline = status.now + (lease == 0 ? LONGEST_CONFIRMATION : lease);
    status.routers.forEach(
        (name, router) -> {
          // Whoever was heard within a lease may still serve the candidate.
          if (router.heardAt >= status.now - (lease == 0 ? LONGEST_CONFIRMATION : lease)) {
            confirmation.routers.add(name);
          }
        });
    run.confirmation = confirmation;
  }

  private void confirm(Status.Run run) {
    Status.Confirmation waiting = run.confirmation;
    if (waiting == null) {
      return;
    }
    Set<String> silent = new TreeSet<>();
    Set<String> behind = new TreeSet<>();
    int acknowledged = 0;
    for (String name : waiting.routers) {
      Status.Router router = status.routers.get(name);
      if (router != null && router.revision >= waiting.revision) {
        acknowledged++;
      } else if (router == null || status.now - router.heardAt > LIVE) {
        silent.add(name);
      } else {
        behind.add(name);
      }
    }
    if (silent.isEmpty() && behind.isEmpty() && acknowledged > 0) {
      Map<String, String> details = new TreeMap<>();
      details.put("routers", String.join(",", waiting.routers));
      details.put("millisFromDecision", Long.toString(status.now - waiting.decidedAt));
      String since = "";
      if (waiting.firstBadAt > 0) {
        long millis = status.now - waiting.firstBadAt;
        details.put("millisFromFirstBad", Long.toString(millis));
        since = ", " + millis + " ms after the first bad event";
      }
      tell(
          run,
          Output.Told.Kind.ROLLBACK_CONFIRMED,
          String.format(
              Locale.ROOT,
              "All %d routers serve control only, %d ms after the decision%s.",
              acknowledged,
              status.now - waiting.decidedAt,
              since),
          details);
      run.confirmation = null;
    } else if (status.now >= waiting.deadline && !waiting.told) {
      waiting.told = true;
      Map<String, String> details = new TreeMap<>();
      details.put("silent", String.join(",", silent));
      details.put("behind", String.join(",", behind));
      tell(
          run,
          Output.Told.Kind.ROLLBACK_UNCONFIRMED,
          waiting.routers.isEmpty()
              ? "No router was heard: nobody confirms the rollback."
              : "Not confirmed by "
                  + String.join(", ", silent)
                  + (silent.isEmpty() || behind.isEmpty() ? "" : ", ")
                  + String.join(", ", behind)
                  + "; the lease of silent routers is over, they are back on control by themselves.",
          details);
      if (behind.isEmpty()) {
        run.confirmation = null;
      }
    }
  }

  // --- stages ---

  private static boolean stageIsOver(Status.Run run, RolloutFile known, long now) {
    Stage stage = known.stages().get(run.stage);
    return run.phase == Phase.RUNNING
        && (!run.held || now >= run.nextReport)
        && stage.length() != null
        && now - run.stageSince >= stage.length().toMillis();
  }

  private void stageOver(Status.Run run, RolloutFile known) {
    Stage stage = known.stages().get(run.stage);
    if (!stage.shadow() && judge != null && !judge.seenInStage(run.stage)) {
      hold(
          run,
          "no candidate unit was seen in stage " + stage.name() + ": missing data is never a pass");
      return;
    }
    if (run.stage + 1 < known.stages().size()) {
      enter(run, known, run.stage + 1, "stage " + stage.name() + " is over");
      return;
    }
    if (!stage.full()) {
      hold(run, stage.name() + " is the last stage: a person promotes or rolls back");
      return;
    }
    String missing = gate.missing(known);
    if (missing.isEmpty()) {
      promote(run, known, "bake is over and the promotion gate holds", null);
    } else {
      hold(run, missing);
    }
  }

  private void hold(Status.Run run, String why) {
    if (!run.held) {
      run.held = true;
      tell(run, Output.Told.Kind.HELD, "Held: " + why + ".", Map.of("reason", why));
    }
  }

  private void enter(Status.Run run, RolloutFile known, int index, String cause) {
    Stage stage = known.stages().get(index);
    run.stage = index;
    run.stageSince = status.now;
    run.held = false;
    run.split = run.split.reweight(weights(stage));
    run.phase = Phase.RUNNING;
    order(run, known, status.revision + 1, cause, null, List.of());
    Map<String, String> details = new TreeMap<>();
    run.split.weights().forEach((name, weight) -> details.put("weight." + name, weight.toString()));
    tell(
        run,
        Output.Told.Kind.STAGE_ENTERED,
        stage.shadow()
            ? "Stage " + stage.name() + ": candidates are tried offline only."
            : "Stage " + stage.name() + " begins: " + percents(run.split) + ".",
        details);
  }

  private static Map<String, Integer> weights(Stage stage) {
    Map<String, Integer> weights = new TreeMap<>(stage.weights());
    int candidates = weights.values().stream().mapToInt(Integer::intValue).sum();
    if (stage.full()) {
      weights.replaceAll((name, weight) -> weight - Stage.HOLDBACK);
      candidates -= Stage.HOLDBACK;
    }
    weights.put(Variant.CONTROL, Split.SLOTS - candidates);
    return weights;
  }

  private static String percents(Split split) {
    List<String> parts = new ArrayList<>();
    split.weights().forEach((name, weight) -> parts.add(name + " " + (weight / 100.0) + "%"));
    return String.join(", ", parts);
  }

  private void promote(Status.Run run, RolloutFile known, String cause, @Nullable String causeId) {
    Map<String, Integer> last = known.stages().getLast().weights();
    String winner =
        last.size() == 1 ? last.keySet().iterator().next() : known.candidates().getFirst().name();
    run.phase = Phase.PROMOTED;
    run.split = run.split.reweight(Map.of(winner, Split.SLOTS));
    order(run, known, status.revision + 1, cause, causeId, List.of());
    tell(
        run,
        Output.Told.Kind.PROMOTED,
        "Promoted: all units go to " + winner + "; control stays reachable until it is retired.",
        Map.of("cause", cause, "variant", winner));
  }

  // --- files, people, routers ---

  private void wanted(Input.Wanted wanted) {
    Status.Run old = status.run;
    if (old != null && old.id.equals(wanted.run())) {
      return;
    }
    if (status.heedFrom > 0
        && wanted.at() <= status.heedFrom
        && (status.lost == null || !status.lost.run.equals(wanted.run()))) {
      return; // A file from before the newest command: another has replaced it.
    }
    RolloutFile wantedFile;
    try {
      wantedFile = RolloutFileReader.read(wanted.file());
    } catch (RolloutFileException e) {
      refuse(wanted.run(), "the file cannot be applied: " + e.getMessage(), wanted.by());
      return;
    }
    if (!wantedFile.rollout().equals(rollout)) {
      refuse(
          wanted.run(),
          "the file is of rollout " + wantedFile.rollout() + ", not " + rollout,
          wanted.by());
      return;
    }
    Status.Run run = new Status.Run();
    run.id = wanted.run();
    run.file = wanted.file();
    run.nextReport = status.now + REPORT;
    status.run = run;
    file = wantedFile;
    cells = new Cells();
    judge = new Judge(wantedFile, cells);
    gate = new Gate(cells);
    forgetsCells = true;
    Status.Lost lost = status.lost;
    status.lost = null;
    if (lost != null && lost.run.equals(run.id) && lost.stage < wantedFile.stages().size()) {
      run.phase = lost.phase;
      run.stage = lost.stage;
      run.split = lost.split;
      run.stageSince = lost.issuedAt;
      run.renewedAt = lost.issuedAt;
      run.cause = "goes on from the newest command";
      order(run, wantedFile, status.revision + 1, run.cause, null, List.of());
      return;
    }
    Map<String, String> details = new TreeMap<>();
    details.put("by", wanted.by());
    if (wanted.reason() != null) {
      details.put("reason", wanted.reason());
    }
    tell(run, Output.Told.Kind.APPLIED, "Applied by " + wanted.by() + ".", details);
    enter(run, wantedFile, 0, "applied by " + wanted.by());
  }

  private void found(Input.Found found) {
    if (found.revision() <= status.revision) {
      return;
    }
    status.revision = found.revision();
    Status.Lost lost = new Status.Lost();
    lost.run = found.run();
    lost.phase = found.phase();
    lost.stage = found.stage();
    lost.split = found.split();
    lost.issuedAt = found.issuedAt();
    status.lost = lost;
    status.heedFrom = found.issuedAt();
  }

  private void asked(Input.Asked asked) {
    if (status.keys.contains(asked.key())
        || (status.heedFrom > 0 && asked.at() <= status.heedFrom)) {
      return;
    }
    status.keys.add(asked.key());
    if (status.keys.size() > KEYS) {
      status.keys.removeFirst();
    }
    Status.Run run = status.run;
    RolloutFile known = file;
    if (run == null || known == null) {
      refuse("", asked.kind() + ": no file is applied", asked.who());
      return;
    }
    if (asked.expectedRevision() != null && asked.expectedRevision() != status.revision) {
      refuse(
          run.id,
          asked.kind()
              + ": revision "
              + asked.expectedRevision()
              + " was expected, it is "
              + status.revision,
          asked.who());
      return;
    }
    String by =
        asked.kind() + " by " + asked.who() + (asked.reason() == null ? "" : ": " + asked.reason());
    String key = asked.key();
    switch (asked.kind()) {
      case PAUSE -> {
        if (run.phase != Phase.RUNNING && run.phase != Phase.FROZEN) {
          refuse(run.id, "PAUSE: it is " + run.phase, asked.who());
          return;
        }
        run.phase = Phase.PAUSED;
        run.pausedAt = status.now;
        order(run, known, status.revision + 1, by, key, List.of());
        tell(run, Output.Told.Kind.PAUSED, "Paused by " + asked.who() + ".", who(asked));
      }
      case RESUME -> {
        if (run.phase != Phase.PAUSED) {
          refuse(run.id, "RESUME: it is " + run.phase, asked.who());
          return;
        }
        run.phase = Phase.RUNNING;
        run.stageSince += status.now - run.pausedAt;
        order(run, known, status.revision + 1, by, key, List.of());
        tell(run, Output.Told.Kind.RESUMED, "Resumed by " + asked.who() + ".", who(asked));
      }
      case PROMOTE -> {
        if (!run.phase.active()) {
          refuse(run.id, "PROMOTE: it is " + run.phase, asked.who());
        } else if (run.stage + 1 < known.stages().size()) {
          enter(run, known, run.stage + 1, by);
        } else {
          promote(run, known, by, key);
        }
      }
      case ROLLBACK -> {
        if (!run.phase.active() && run.phase != Phase.PROMOTED) {
          refuse(run.id, "ROLLBACK: it is " + run.phase, asked.who());
          return;
        }
        rollBack(run, by, key, "asked for by " + asked.who(), 0, who(asked));
      }
      case ABORT -> {
        if (!run.phase.active()) {
          refuse(run.id, "ABORT: it is " + run.phase, asked.who());
          return;
        }
        run.phase = Phase.ABORTED;
        run.split = run.split.reweight(Map.of(Variant.CONTROL, Split.SLOTS));
        order(run, known, status.revision + 1, by, key, List.of());
        expectConfirmation(run, known, 0);
        tell(run, Output.Told.Kind.ABORTED, "Aborted by " + asked.who() + ".", who(asked));
      }
      case RETIRE -> {
        if (run.phase.active()) {
          refuse(
              run.id,
              "RETIRE: it is " + run.phase + ": promote, roll back or abort it first",
              asked.who());
          return;
        }
        run.phase = Phase.RETIRED;
        order(run, known, status.revision + 1, by, key, List.of());
        tell(run, Output.Told.Kind.RETIRED, "Retired by " + asked.who() + ".", who(asked));
      }
      case TRIP -> {
        String variant = asked.variant();
        if (variant == null || variant.equals(Variant.CONTROL) || !run.phase.active()) {
          refuse(run.id, "TRIP: needs a candidate of an active run", asked.who());
          return;
        }
        tripped(run, routerName(asked.who()), variant, asked.reason());
      }
      case CLEAR_TRIP -> clearTrips(run, known, asked, by);
    }
  }

  private static Map<String, String> who(Input.Asked asked) {
    Map<String, String> details = new TreeMap<>();
    details.put("who", asked.who());
    details.put("idempotencyKey", asked.key());
    if (asked.reason() != null) {
      details.put("reason", asked.reason());
    }
    return details;
  }

  private static String routerName(String who) {
    return who.startsWith("router:") ? who.substring("router:".length()) : who;
  }

  private void clearTrips(Status.Run run, RolloutFile known, Input.Asked asked, String by) {
    List<String> variants =
        asked.variant() == null ? List.copyOf(run.trips.keySet()) : List.of(asked.variant());
    if (variants.isEmpty() || !run.trips.keySet().containsAll(variants)) {
      refuse(
          run.id,
          "CLEAR_TRIP: nothing is tripped"
              + (asked.variant() == null ? "" : " for " + asked.variant()),
          asked.who());
      return;
    }
    for (String variant : variants) {
      run.trips.remove(variant).forEach(router -> run.cleared.add(router + "/" + variant));
    }
    order(run, known, status.revision + 1, by, asked.key(), variants);
    if (run.phase.active()) {
      evaluate(run, false);
    }
  }

  private void tripped(Status.Run run, String router, String variant, @Nullable String reason) {
    if (!run.trips.computeIfAbsent(variant, v -> new TreeSet<>()).add(router)) {
      return;
    }
    run.cleared.remove(router + "/" + variant);
    long live = status.routers.values().stream().filter(this::live).count();
    int tripped = run.trips.getOrDefault(variant, Set.of()).size();
    Map<String, String> details = new TreeMap<>();
    details.put("router", router);
    details.put("variant", variant);
    details.put("tripped", Integer.toString(tripped));
    details.put("live", Long.toString(live));
    String text =
        router + " took " + variant + " out by itself" + (reason == null ? "" : ": " + reason);
    tell(run, Output.Told.Kind.ROUTER_TRIPPED, text + ".", details);
    if (2L * tripped >= Math.max(1, live)) {
      rollBack(
          run,
          "breaker rolled back",
          null,
          variant + " is tripped on " + tripped + " of " + live + " live routers",
          0,
          details);
    } else {
      freezeOrResume(run, variant + " is tripped on " + router);
    }
  }

  private void heard(Input.Heard heard) {
    Status.Router router = status.routers.computeIfAbsent(heard.router(), r -> new Status.Router());
    router.incarnation = heard.incarnation();
    router.heardAt = Math.max(router.heardAt, heard.at());
    router.revision = heard.revision();
    Status.Run run = status.run;
    if (run == null || file == null) {
      return;
    }
    for (String variant : new TreeSet<>(heard.tripped())) {
      if (run.phase.active() && !run.cleared.contains(heard.router() + "/" + variant)) {
        tripped(run, heard.router(), variant, null);
      }
    }
    run.cleared.removeIf(
        trip ->
            trip.startsWith(heard.router() + "/")
                && !heard.tripped().contains(trip.substring(heard.router().length() + 1)));
    confirm(run);
  }

  private boolean live(Status.Router router) {
    return status.now - router.heardAt <= LIVE;
  }

  private boolean lags(Status.Run run, String name, Status.Router router, long now) {
    return now - router.heardAt <= LIVE
        && router.revision < status.revision
        && now - run.renewedAt > LIVE
        && run.lagging.getOrDefault(name, 0L) < status.revision;
  }

  private void tellLaggingRouters(Status.Run run) {
    status.routers.forEach(
        (name, router) -> {
          if (lags(run, name, router, status.now)) {
            run.lagging.put(name, status.revision);
            tell(
                run,
                Output.Told.Kind.ROUTER_LAGGING,
                name + " serves revision " + router.revision + ", not " + status.revision + ".",
                Map.of("router", name, "revision", Long.toString(router.revision)));
          }
        });
  }

  // --- what leaves ---

  private static boolean renewalIsDue(Status.Run run, RolloutFile known, long now) {
    long lease = known.lease().toMillis();
    return lease > 0 && now - run.renewedAt >= lease / 4;
  }

  private void order(
      Status.Run run,
      RolloutFile known,
      long revision,
      String cause,
      @Nullable String causeId,
      List<String> clears) {
    status.revision = revision;
    run.renewedAt = status.now;
    run.cause = cause;
    run.causeId = causeId;
    Stage stage = known.stages().get(run.stage);
    Shadow shadow = run.phase.active() ? known.shadow() : null;
    if (shadow == null && run.phase.active() && stage.shadow()) {
      shadow = Shadow.DEFAULT;
    }
    outputs.add(
        new Output.Ordered(
            revision,
            run.id,
            run.phase,
            run.stage,
            stage.name(),
            known,
            run.split,
            shadow,
            cause,
            causeId,
            status.now,
            clears));
  }

  private void tell(
      Status.Run run, Output.Told.Kind kind, String text, Map<String, String> details) {
    String stageName = file == null ? "" : file.stages().get(run.stage).name();
    outputs.add(
        new Output.Told(
            kind,
            run.id,
            status.revision,
            run.stage,
            stageName,
            status.now,
            text,
            new TreeMap<>(details)));
  }

  private void refuse(String runId, String why, String who) {
    outputs.add(
        new Output.Told(
            Output.Told.Kind.ACTION_REFUSED,
            runId,
            status.revision,
            status.run == null ? -1 : status.run.stage,
            "",
            status.now,
            "Refused: " + why + ".",
            new TreeMap<>(Map.of("who", who, "reason", why))));
  }
}
