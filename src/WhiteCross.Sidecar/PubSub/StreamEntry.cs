namespace WhiteCross.Sidecar.PubSub;

/// <summary>An entry of a stream.</summary>
/// <param name="Topic">The stream.</param>
/// <param name="Id">Its id, <c>milliseconds-sequence</c>.</param>
/// <param name="Data">The envelope, as it was published.</param>
/// <param name="Metadata">The metadata of the message; empty when there is none.</param>
internal sealed record StreamEntry(string Topic, string Id, ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata)
{
    public static IReadOnlyDictionary<string, string> NoMetadata { get; } = new Dictionary<string, string>();
}
