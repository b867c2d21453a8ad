package io.serin.analytics.decide;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Input;
import io.serin.analytics.controller.Output;
import io.serin.analytics.judge.Cells;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.Verdict;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Folds the log of inputs through the same {@link Decider} again and holds what it gives against
 * what was told: equal bit for bit, or named. Keeps nothing but the decider's state, however long
 * the log is. Not thread-safe.
 *
 * <p>A replay begins at the log's first input that begins a run, whose record carries the
 * controller's status before it: retention may have cut what was before. Verdicts of inputs that
 * are gone are computed from their own records only, their commands are counted. The topic of
 * commands is compacted: a command that is no longer there is counted, but the newest must be
 * there.
 */
public final class VerdictReplay {
  /** How a replayed record compares with what was told. */
  public enum Match {
    EQUAL,
    /** Another record was told in its place. */
    DIFFERENT,
    /** Nothing was told. */
    MISSING,
    /** It was told and did not come out again. */
    EXTRA
  }

  /**
   * One record that came out again, or was told and did not.
   *
   * @param value the replayed record; of EXTRA the one that was told
   * @param told what the topic holds in its place; null where there is nothing
   */
  public record Line(Match match, SpecificRecord value, @Nullable SpecificRecord told) {}

  /**
   * What a replay came to.
   *
   * @param firstInput number of the first replayed input; 0 where none could be replayed
   * @param inputsBefore inputs on the topic that no replay can begin at or before
   * @param unreadable inputs of a newer version that this one cannot act on
   * @param holes places where inputs are missing in the middle
   * @param compactedCommands commands that compaction has taken from the topic
   */
  public record Report(
      long firstInput,
      long lastInput,
      long inputs,
      long inputsBefore,
      long unreadable,
      long holes,
      long verdicts,
      long verdictsBefore,
      long commands,
      long commandsBefore,
      long compactedCommands,
      long differences) {

    /** True where something was replayed and all of it came out as it was told. */
    public boolean equal() {
      return inputs > 0 && differences == 0 && holes == 0 && unreadable == 0;
    }
  }

  private final String rollout;
  private final RecordCursor<Verdict> verdicts;
  private final RecordCursor<Command> commands;
  private final Consumer<Line> lines;

  private @Nullable Decider decider;
  private @Nullable Command compacted;

  /** The newest command that came out again or was found. */
  private @Nullable Command serving;

  private long firstInput;
  private long lastInput;
  private long inputs;
  private long inputsBefore;
  private long unreadable;
  private long holes;
  private long replayedVerdicts;
  private long verdictsBefore;
  private long replayedCommands;
  private long commandsBefore;
  private long compactedCommands;
  private long differences;
  private long newest;

  /**
   * @param lines is given every replayed verdict and command, and every difference, in order
   */
  public VerdictReplay(
      String rollout,
      RecordCursor<Verdict> verdicts,
      RecordCursor<Command> commands,
      Consumer<Line> lines) {
    this.rollout = rollout;
    this.verdicts = verdicts;
    this.commands = commands;
    this.lines = lines;
  }

  /** Takes the next input of the log. */
  public void input(DecisionInput logged) {
    boolean fresh = logged.getNumber() == 1;
    boolean follows = decider != null && logged.getNumber() == lastInput + 1;
    if (!follows) {
      if (decider != null && !fresh) {
        holes++;
      }
      decider = begin(logged, fresh);
      if (decider == null) {
        inputsBefore++;
        return;
      }
    }
    lastInput = logged.getNumber();
    newest = Math.max(newest, logged.getAt().toEpochMilli());
    Optional<Input> input = Inputs.read(logged);
    if (input.isEmpty()) {
      unreadable++;
      decider = null;
      return;
    }
    inputs++;
    if (logged.getInput() instanceof Command found) {
      serving = found;
    }
    for (Output output : Objects.requireNonNull(decider).step(input.get())) {
      switch (Outputs.write(rollout, output, serving)) {
        case Verdict verdict -> compare(verdict);
        case Command command -> {
          serving = command;
          compare(command);
        }
        default -> {
          // Events are for people; each follows from a verdict or command.
        }
      }
    }
  }

  /** Ends the replay after the last input. */
  public Report end() {
    if (inputs > 0) {
      for (Verdict told = verdicts.peek(false); told != null; told = verdicts.peek(false)) {
        if (told.getInputNumber() <= lastInput) {
          line(Match.EXTRA, told, null);
        }
        verdicts.advance();
      }
      for (Command told = commands.peek(false); told != null; told = commands.peek(false)) {
        if (told.getIssuedAt().toEpochMilli() <= newest) {
          line(Match.EXTRA, told, null);
        }
        commands.advance();
      }
      if (compacted != null) {
        compactedCommands--;
        line(Match.MISSING, compacted, null);
      }
    }
    return new Report(
        firstInput,
        lastInput,
        inputs,
        inputsBefore,
        unreadable,
        holes,
        replayedVerdicts,
        verdictsBefore,
        replayedCommands,
        commandsBefore,
        compactedCommands,
        differences);
  }

  private @Nullable Decider begin(DecisionInput logged, boolean fresh) {
    String before = logged.getBefore();
    if (!fresh && before == null) {
      return null;
    }
    Decider begun =
        fresh || before == null
            ? new Decider(rollout)
            : new Decider(rollout, StatusCodec.fromText(before), new Cells());
    long at = logged.getAt().toEpochMilli();
    if (firstInput == 0) {
      firstInput = logged.getNumber();
    }
    // What was told before: by number, or by time where the state was lost and numbers begin again.
    for (Verdict told = verdicts.peek(false);
        told != null
            && (told.getInputNumber() < logged.getNumber() || told.getAt().toEpochMilli() < at);
        told = verdicts.peek(false)) {
      verdictsBefore++;
      verdicts.advance();
      if (!Recomputed.from(told).agrees()) {
        line(Match.DIFFERENT, told, null);
      }
    }
    for (Command told = commands.peek(false);
        told != null
            && (told.getRevision() <= begun.status().revision()
                || told.getIssuedAt().toEpochMilli() < at);
        told = commands.peek(false)) {
      commandsBefore++;
      commands.advance();
    }
    return begun;
  }

  private void compare(Verdict replayed) {
    replayedVerdicts++;
    while (true) {
      Verdict told = verdicts.peek(true);
      if (told == null || told.getInputNumber() > replayed.getInputNumber()) {
        line(Match.MISSING, replayed, null);
        return;
      }
      verdicts.advance();
      if (told.getId().equals(replayed.getId())) {
        line(told.equals(replayed) ? Match.EQUAL : Match.DIFFERENT, replayed, told);
        return;
      }
      line(Match.EXTRA, told, null);
    }
  }

  private void compare(Command replayed) {
    replayedCommands++;
    Command told = commands.peek(false);
    boolean same =
        told != null
            && told.getRevision() == replayed.getRevision()
            && told.getIssuedAt().equals(replayed.getIssuedAt());
    if (told != null && same) {
      commands.advance();
      compacted = null;
      line(told.equals(replayed) ? Match.EQUAL : Match.DIFFERENT, replayed, told);
    } else {
      compactedCommands++;
      compacted = replayed;
    }
  }

  private void line(Match match, SpecificRecord value, @Nullable SpecificRecord told) {
    differences += match == Match.EQUAL ? 0 : 1;
    lines.accept(new Line(match, value, told));
  }
}
