using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Tests.Running;

/// <summary>A job store before whose calls something happens, by what they are asked.</summary>
public class InterceptedStore : DispatchProxy
{
    private IJobStore _store = null!;
    private Func<MethodInfo, object?[], Task?> _before = (_, _) => null;

    /// <summary>A store before whose calls something happens: an exception, or a wait.</summary>
    public static IJobStore Over(IJobStore store, Func<MethodInfo, object?[], Task?> before)
    {
        var proxy = Create<IJobStore, InterceptedStore>();
        var faulty = (InterceptedStore)(object)proxy;
        faulty._store = store;
        faulty._before = before;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_before(targetMethod!, args!) is { } wait)
        {
            return typeof(InterceptedStore).GetMethod(nameof(AfterAsync), BindingFlags.NonPublic | BindingFlags.Instance)!
                .MakeGenericMethod(targetMethod!.ReturnType.GetGenericArguments()).Invoke(this, [wait, targetMethod, args]);
        }

        return targetMethod!.Invoke(_store, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
    }

    private async Task<T> AfterAsync<T>(Task wait, MethodInfo method, object?[] args)
    {
        await wait;
        return await (Task<T>)method.Invoke(_store, args)!;
    }
}
