using System.Globalization;

namespace WhiteCross.Sidecar;

/// <summary>Sizes as Kubernetes and daprd write them: <c>4Mi</c>, <c>500k</c>, <c>1048576</c>; -1 is daprd's word for its default, 4 MiB.</summary>
internal static class ByteSize
{
    private const int Default = 4 << 20;

    private static readonly (string Unit, long Bytes)[] Units =
        [("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), (string.Empty, 1)];

    /// <summary>Reads a size of at least a byte that fits into an <see cref="int"/>, as gRPC wants it.</summary>
    public static bool TryParse(string text, out int bytes)
    {
        bytes = Default;
        if (text == "-1")
        {
            return true;
        }

        var (unit, factor) = Units.First(unit => text.EndsWith(unit.Unit, StringComparison.Ordinal));
        if (!int.TryParse(text.AsSpan(..^unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number * factor is < 1 or > int.MaxValue)
        {
            return false;
        }

        bytes = (int)(number * factor);
        return true;
    }
}
