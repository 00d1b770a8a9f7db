using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>A job store of which one call's answer is held back after the call was done.</summary>
public class HoldingStore : DispatchProxy
{
    private IJobStore _store = null!;
    private string _method = string.Empty;
    private Func<Task> _hold = () => Task.CompletedTask;

    public static IJobStore Over(IJobStore store, string method, Func<Task> hold)
    {
        var proxy = Create<IJobStore, HoldingStore>();
        var holding = (HoldingStore)(object)proxy;
        (holding._store, holding._method, holding._hold) = (store, method, hold);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = targetMethod!.Invoke(_store, args);
        return targetMethod.Name == _method ? HoldAsync((Task<IReadOnlyList<LeaseState>>)answer!) : answer;
    }

    private async Task<IReadOnlyList<LeaseState>> HoldAsync(Task<IReadOnlyList<LeaseState>> answer)
    {
        var states = await answer;
        await _hold();
        return states;
    }
}
