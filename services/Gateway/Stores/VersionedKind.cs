using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Gateway;

/// <summary>A kind of entries that a versioned store keeps.</summary>
internal sealed record VersionedKind<T>
    where T : class
{
    /// <summary>The key of a group's hash on Redis.</summary>
    public required Func<string, string> KeyOf { get; init; }

    public required Func<T, string> GroupOf { get; init; }

    public required Func<T, string> NameOf { get; init; }

    public required Func<T, long> VersionOf { get; init; }

    public required Func<T, long, T> WithVersion { get; init; }

    /// <summary>How an entry is written.</summary>
    public JsonTypeInfo<T> Json { get; init; } = (JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T));

    /// <summary>What is kept instead of the one that was read.</summary>
    public T After(T? current, T next) => WithVersion(next, (current is null ? 0 : VersionOf(current)) + 1);
}
