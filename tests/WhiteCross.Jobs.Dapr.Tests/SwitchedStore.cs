using System.Collections.Concurrent;
using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>A job store that counts its calls, and from which a process can be cut off, as by its death.</summary>
public class SwitchedStore : DispatchProxy
{
    private IJobStore _store = null!;

    /// <summary>Calls by the method's name.</summary>
    public ConcurrentDictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    public bool IsCut { get; set; }

    public static (IJobStore Store, SwitchedStore Switch) Over(IJobStore store)
    {
        var proxy = Create<IJobStore, SwitchedStore>();
        var switched = (SwitchedStore)(object)proxy;
        switched._store = store;
        return (proxy, switched);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.AddOrUpdate(targetMethod!.Name, 1, static (_, count) => count + 1);
        return IsCut ? throw new JobStoreUnavailableException("The process is cut off.") : targetMethod.Invoke(_store, args);
    }
}
