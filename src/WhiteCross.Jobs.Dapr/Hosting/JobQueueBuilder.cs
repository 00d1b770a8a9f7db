using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Dapr;

/// <summary>Says who handles the jobs of a queue.</summary>
public sealed class JobQueueBuilder
{
    private readonly Dictionary<string, JobInvoker> _invokers = new(StringComparer.Ordinal);

    internal JobQueueBuilder(IServiceCollection services, QueueDefinition queue)
    {
        Services = services;
        Queue = queue;
    }

    /// <summary>The service's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The queue.</summary>
    public QueueDefinition Queue { get; }

    internal IReadOnlyDictionary<string, JobInvoker> Invokers => _invokers;

    /// <summary>Adds the handler of a job type; a new one is made for each attempt, in a scope of its own.</summary>
    /// <typeparam name="TData">The job's data.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    /// <exception cref="InvalidOperationException">The queue takes no such jobs, or they have a handler already.</exception>
    public JobQueueBuilder AddJob<TData, THandler>()
        where TData : class, IJobData<TData>
        where THandler : class, IJobHandler<TData> => AddJob<TData, THandler>(JobJson.OnRecord<TData>());

    /// <summary>As <see cref="AddJob{TData, THandler}()"/>, for data that is read in a way of its own.</summary>
    /// <typeparam name="TData">The job's data.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    /// <param name="json">How the data is read, from a source-generated context.</param>
    /// <exception cref="InvalidOperationException">The queue takes no such jobs, or they have a handler already.</exception>
    public JobQueueBuilder AddJob<TData, THandler>(JsonTypeInfo<TData> json)
        where TData : class, IJobData
        where THandler : class, IJobHandler<TData>
    {
        ArgumentNullException.ThrowIfNull(json);
        if (!Queue.Takes(TData.JobType))
        {
            throw new InvalidOperationException($"Queue '{Queue.Name}' takes no jobs of type '{TData.JobType}'; it takes {string.Join(", ", Queue.JobTypes)}.");
        }

        if (!_invokers.TryAdd(TData.JobType, JobHandlerTable.InvokerOf<TData, THandler>(data => JsonSerializer.Deserialize(data.Span, json))))
        {
            throw new InvalidOperationException($"Jobs of type '{TData.JobType}' have a handler already.");
        }

        Services.TryAddScoped<THandler>();
        return this;
    }
}
