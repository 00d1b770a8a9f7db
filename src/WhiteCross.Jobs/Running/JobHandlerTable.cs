using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Running;

/// <summary>Reads a job's data and hands it to its handler.</summary>
/// <param name="services">The scope of the attempt.</param>
/// <param name="data">The data, as UTF-8 JSON.</param>
/// <param name="info">What else is known of the job.</param>
/// <param name="reporter">Where its reports go.</param>
/// <param name="cancellationToken">Fires when the attempt must stop.</param>
public delegate Task<JobOutcome> JobInvoker(
    IServiceProvider services, ReadOnlyMemory<byte> data, JobInfo info, IJobReporter reporter, CancellationToken cancellationToken);

/// <summary>The handlers of one queue, by job type.</summary>
public sealed class JobHandlerTable
{
    private readonly FrozenDictionary<string, JobInvoker> _invokers;

    /// <summary>Creates the table.</summary>
    /// <param name="handlers">The handlers, by job type.</param>
    public JobHandlerTable(IEnumerable<KeyValuePair<string, JobInvoker>> handlers) => _invokers = handlers.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The types that have a handler.</summary>
    public IReadOnlyCollection<string> JobTypes => _invokers.Keys;

    /// <summary>The invoker of a handler class, resolved from the attempt's scope.</summary>
    /// <typeparam name="TData">The job's data.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    /// <param name="read">Reads the data from JSON.</param>
    public static JobInvoker InvokerOf<TData, THandler>(Func<ReadOnlyMemory<byte>, TData?> read)
        where TData : class
        where THandler : class, IJobHandler<TData> =>
        (services, data, info, reporter, cancellationToken) =>
        {
            TData value;
            try
            {
                // What is on record has been validated when it was added; it can only fail here after a change of the contract.
                value = read(data) ?? throw new PermanentJobException("data: must not be null.");
            }
            catch (JsonException exception)
            {
                throw new PermanentJobException($"The job's data cannot be read at {exception.Path ?? "$"}; it does not fit this version of '{info.Type}'.");
            }

            Func<CancellationToken, Task<JobOutcome>> attempt =
                token => services.GetRequiredService<THandler>().HandleAsync(new Job<TData>(value, info, reporter), token)
                    ?? throw new InvalidOperationException($"The handler of '{info.Type}' returned null instead of a task.");
            foreach (var filter in services.GetServices<IJobFilter>().Reverse())
            {
                var next = attempt;
                attempt = token => filter.InvokeAsync(info, next, token)
                    ?? throw new InvalidOperationException($"{filter.GetType().Name} returned null instead of a task.");
            }

            return attempt(cancellationToken);
        };

    /// <summary>Finds the handler of a job type.</summary>
    /// <param name="jobType">The type; exact.</param>
    public JobInvoker? Find(string jobType) => _invokers.GetValueOrDefault(jobType);

    /// <summary>Makes sure that every type the queue takes has a handler.</summary>
    /// <param name="queue">The queue.</param>
    /// <exception cref="InvalidOperationException">A type has none.</exception>
    public void EnsureComplete(QueueDefinition queue)
    {
        var missing = queue.JobTypes.Where(type => !_invokers.ContainsKey(type)).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException($"Queue '{queue.Name}' takes jobs of type {string.Join(", ", missing)}, but no handler was added for them; call AddJob for each.");
        }
    }
}
