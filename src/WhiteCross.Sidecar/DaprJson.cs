using System.Text.Json;

namespace WhiteCross.Sidecar;

/// <summary>How daprd reads JSON: with Go's encoding/json, which stops at 10,000 levels; .NET would at 64.</summary>
internal static class DaprJson
{
    public const int MaxDepth = 10_000;

    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = MaxDepth };
}
