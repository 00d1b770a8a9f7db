using System.Collections.Concurrent;

namespace WhiteCross.Sidecar.Running;

/// <summary>What the app has put into the sidecar's metadata.</summary>
internal sealed class SidecarExtendedMetadata
{
    /// <summary>The version of daprd that this sidecar behaves as.</summary>
    public const string RuntimeVersion = "1.18.3";

    private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal)
    {
        ["daprRuntimeVersion"] = RuntimeVersion,
    };

    public IReadOnlyDictionary<string, string> All => _values;

    public void Set(string key, string value) => _values[key] = value;
}
