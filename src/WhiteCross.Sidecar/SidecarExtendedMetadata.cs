using System.Collections.Concurrent;
using WhiteCross.Sidecar.Http;

namespace WhiteCross.Sidecar;

/// <summary>What the app has put into the sidecar's metadata.</summary>
internal sealed class SidecarExtendedMetadata
{
    private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal)
    {
        ["daprRuntimeVersion"] = RuntimeMetadata.RuntimeVersion,
    };

    public IReadOnlyDictionary<string, string> All => _values;

    public void Set(string key, string value) => _values[key] = value;
}
