namespace Dapr.Workflow.Replay;

/// <summary>
/// Which changes of the code an instance has. A patch is decided once, where the code first asks for it: yes when that is the first time through, or when
/// the history says so; no when the instance has passed this point without it.
/// </summary>
internal sealed class Patches
{
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);

    /// <summary>Patches that this turn decided on, for the history.</summary>
    public List<string> New { get; } = [];

    /// <summary>A turn of the history had these.</summary>
    public void Record(IEnumerable<string> patches) => _recorded.UnionWith(patches);

    /// <summary>Whether the instance has a patch.</summary>
    public bool IsPatched(string name, bool isReplaying)
    {
        if (_decided.TryGetValue(name, out var isPatched))
        {
            return isPatched;
        }

        isPatched = _recorded.Contains(name);
        if (!isPatched && !isReplaying)
        {
            isPatched = true;
            New.Add(name);
        }

        _decided.Add(name, isPatched);
        return isPatched;
    }
}
