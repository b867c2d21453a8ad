package io.serin.cli.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.decide.VerdictReplay;
import io.serin.cli.command.Terminal;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.Verdict;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.connect.KafkaOptions;
import io.serin.schemas.topics.Topics;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Computes every verdict and command of a rollout again, from the topics alone. */
@picocli.CommandLine.Command(
    name = "replay-verdicts",
    mixinStandardHelpOptions = true,
    description = {
      "Reads every input that the controller acted on (serin.inputs), decides again, prints every verdict, and holds verdicts and commands against serin.verdicts and serin.commands: equal bit for bit, or named.",
      "Where retention has cut the log, it begins at the oldest run whose beginning is still there."
    },
    footer = {
      "",
      "Exit codes: 0 all equal, 1 something differs, 2 wrong usage, 3 nothing can be replayed or read.",
      "",
      "Examples:",
      "  serin replay-verdicts assistant",
      "  serin replay-verdicts assistant --differences",
      "  serin replay-verdicts assistant --json | jq 'select(.decision == \"ROLLBACK\")'"
    })
public final class ReplayVerdictsCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private Terminal terminal = new Terminal();
  @Mixin private final KafkaOptions kafka = new KafkaOptions();

  @Parameters(paramLabel = "ROLLOUT", description = "The rollout's name.")
  private String rollout = "";

  @Option(
      names = "--json",
      description = "One JSON object a line: each verdict and command, and the sums at the end.")
  private boolean json;

  @Option(names = "--differences", description = "Prints only what differs, and the sums.")
  private boolean differences;

  @Override
  public Integer call() {
    PrintWriter out = terminal.out();
    PrintWriter err = terminal.err();
    KafkaConnection connection = kafka.connection();
    VerdictReplay.Report report;
    // The log of inputs first: whatever it told by then is on the other topics.
    try (TopicReader<DecisionInput> inputs = new TopicReader<>(connection, Topics.INPUTS, rollout);
        TopicReader<Verdict> verdicts = new TopicReader<>(connection, Topics.VERDICTS, rollout);
        TopicReader<Command> commands = new TopicReader<>(connection, Topics.COMMANDS, rollout)) {
      VerdictReplay replay =
          new VerdictReplay(rollout, verdicts, commands, line -> print(out, line));
      for (DecisionInput input = inputs.peek(false); input != null; input = inputs.peek(false)) {
        replay.input(input);
        inputs.advance();
      }
      report = replay.end();
    } catch (KafkaException e) {
      err.println("serin: the topics cannot be read: " + e.getMessage());
      return 3;
    }
    out.println(json ? sums(report) : ReplayText.sums(rollout, report));
    out.flush();
    if (report.inputs() == 0) {
      return 3;
    }
    return report.equal() ? 0 : 1;
  }

  private void print(PrintWriter out, VerdictReplay.Line line) {
    if (differences && line.match() == VerdictReplay.Match.EQUAL) {
      return;
    }
    if (json) {
      out.println(object(line));
    } else if (line.value() instanceof Verdict verdict) {
      out.println(ReplayText.verdict(line.match(), verdict, (Verdict) line.told()));
    } else if (line.value() instanceof Command command) {
      out.println(ReplayText.command(line.match(), command));
    }
  }

  private static ObjectNode object(VerdictReplay.Line line) {
    ObjectNode node = JSON.createObjectNode();
    switch (line.value()) {
      case Verdict verdict -> {
        node.put("type", "verdict").put("match", name(line.match())).put("id", verdict.getId());
        node.put("input", verdict.getInputNumber()).put("at", verdict.getAt().toString());
        node.put("run", verdict.getRun()).put("stage", verdict.getStage());
        node.put("metric", verdict.getMetric()).put("candidate", verdict.getCandidate());
        node.put("decision", verdict.getDecision().name());
        node.put("logE", verdict.getLogE()).put("threshold", verdict.getThreshold());
        node.put("text", verdict.getText());
      }
      case Command command -> {
        node.put("type", "command").put("match", name(line.match()));
        node.put("revision", command.getRevision()).put("at", command.getIssuedAt().toString());
        node.put("state", command.getState().name()).put("cause", command.getCause());
      }
      default -> throw new IllegalStateException("neither verdict nor command");
    }
    SpecificRecord told = line.told();
    if (line.match() == VerdictReplay.Match.DIFFERENT && told != null) {
      node.put("told", told.toString());
    }
    return node;
  }

  private static ObjectNode sums(VerdictReplay.Report report) {
    return JSON.createObjectNode()
        .put("type", "sums")
        .put("equal", report.equal())
        .put("firstInput", report.firstInput())
        .put("lastInput", report.lastInput())
        .put("inputs", report.inputs())
        .put("inputsBefore", report.inputsBefore())
        .put("unreadable", report.unreadable())
        .put("holes", report.holes())
        .put("verdicts", report.verdicts())
        .put("verdictsBefore", report.verdictsBefore())
        .put("commands", report.commands())
        .put("commandsBefore", report.commandsBefore())
        .put("compactedCommands", report.compactedCommands())
        .put("differences", report.differences());
  }

  private static String name(VerdictReplay.Match match) {
    return match.name().toLowerCase(Locale.ROOT);
  }
}
