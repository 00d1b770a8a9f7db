namespace Dapr.Workflow;

/// <summary>Fan-out within a workflow.</summary>
public static class ParallelExtensions
{
    /// <summary>Handles all inputs, some at a time.</summary>
    /// <typeparam name="TInput">An input.</typeparam>
    /// <typeparam name="TResult">What becomes of it.</typeparam>
    /// <param name="context">The workflow's context.</param>
    /// <param name="inputs">The inputs; enumerated once, as slots become free.</param>
    /// <param name="taskFactory">Calls an activity or a child workflow for an input.</param>
    /// <param name="maxConcurrency">How many at a time; at least 1. Default: 5.</param>
    /// <returns>The results, in the order of the inputs.</returns>
    /// <exception cref="AggregateException">At least one failed; all inputs have been tried.</exception>
    public static async Task<TResult[]> ProcessInParallelAsync<TInput, TResult>(
        this WorkflowContext context, IEnumerable<TInput> inputs, Func<TInput, Task<TResult>> taskFactory, int maxConcurrency = 5)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(taskFactory);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxConcurrency);

        // No lock: a workflow's code is never on two threads.
        var results = new List<TResult>();
        var failures = new List<Exception>();
        using var source = inputs.GetEnumerator();
        var slots = new Task[maxConcurrency];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = FillSlotAsync();
        }

        await Task.WhenAll(slots);
        return failures.Count == 0 ? [.. results] : throw new AggregateException(failures);

        async Task FillSlotAsync()
        {
            while (source.MoveNext())
            {
                var index = results.Count;
                results.Add(default!);
                try
                {
                    results[index] = await taskFactory(source.Current);
                }
#pragma warning disable CA1031 // All inputs are tried; the failures are thrown together.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    failures.Add(failure);
                }
            }
        }
    }
}
