package io.serin.analytics.judge;

import io.serin.analytics.judge.CellKey.Bin;
import io.serin.analytics.judge.CellKey.Counted;
import io.serin.analytics.judge.CellKey.Folded;
import io.serin.analytics.judge.CellKey.InWindow;
import io.serin.analytics.judge.CellKey.Index;
import io.serin.analytics.judge.CellKey.OfStage;
import io.serin.analytics.judge.CellKey.OfStratum;
import io.serin.analytics.judge.CellKey.Settled;
import io.serin.analytics.judge.CellKey.Single;
import io.serin.analytics.judge.CellKey.Version;
import io.serin.analytics.judge.CellKey.WindowBin;

/**
 * Writes and reads keys of cells as texts for a store: the owner, the kind of index and its fields,
 * separated by tabs.
 */
public final class CellCodec {
  private static final String TAB = "\t";

  private CellCodec() {}

  /** The key as a text. */
  public static String write(CellKey key) {
    return key.owner()
        + TAB
        + switch (key.index()) {
          case Single single -> "single";
          case Folded folded -> "folded";
          case OfStratum of -> join("stratum", of.stratum().name());
          case Counted c -> join("count", c.window(), c.version(), c.stratum().name());
          case Settled s -> join("settled", s.version(), s.stratum().name());
          case InWindow in -> join("window", in.window());
          case Version version -> join("version", version.number());
          case Bin bin -> join("bin", bin.sketch(), bin.bin());
          case WindowBin bin -> join("learn", bin.sketch(), bin.window(), bin.bin());
          case OfStage of -> join("stage", of.stage(), of.label());
        };
  }

  /**
   * Reads a key.
   *
   * @throws IllegalArgumentException if {@link #write} did not write it
   */
  public static CellKey read(String text) {
    String[] parts = text.split(TAB, 5);
    if (parts.length < 2) {
      throw new IllegalArgumentException("cell: '" + text + "' has no index");
    }
    return new CellKey(parts[0], index(text, parts));
  }

  private static Index index(String text, String[] parts) {
    return switch (parts[1]) {
      case "single" -> CellKey.SINGLE;
      case "folded" -> new Folded();
      case "stratum" -> new OfStratum(StratumId.parse(parts[2]));
      case "count" ->
          new Counted(
              Long.parseLong(parts[2]), Integer.parseInt(parts[3]), StratumId.parse(parts[4]));
      case "settled" -> new Settled(Integer.parseInt(parts[2]), StratumId.parse(parts[3]));
      case "window" -> new InWindow(Long.parseLong(parts[2]));
      case "version" -> new Version(Long.parseLong(parts[2]));
      case "bin" -> new Bin(Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
      case "learn" ->
          new WindowBin(
              Integer.parseInt(parts[2]), Long.parseLong(parts[3]), Integer.parseInt(parts[4]));
      case "stage" -> new OfStage(Integer.parseInt(parts[2]), parts[3]);
      default -> throw new IllegalArgumentException("cell: '" + text + "' has an unknown index");
    };
  }

  private static String join(Object... parts) {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      text.append(text.isEmpty() ? "" : TAB).append(part);
    }
    return text.toString();
  }
}
