using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>A job store whose calls can be made to fail, by the method's name.</summary>
public class FaultyStore : DispatchProxy
{
    private IJobStore _store = null!;
    private Func<string, bool> _isAway = _ => false;

    public static IJobStore Over(IJobStore store, Func<string, bool> isAway)
    {
        var proxy = Create<IJobStore, FaultyStore>();
        var faulty = (FaultyStore)(object)proxy;
        faulty._store = store;
        faulty._isAway = isAway;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _isAway(targetMethod!.Name) ? throw new JobStoreUnavailableException("The job store is away.") : targetMethod.Invoke(_store, args);
}
