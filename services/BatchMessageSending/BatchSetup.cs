using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Dapr;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Settings;

namespace WhiteCross.BatchMessageSending;

/// <summary>Registers the workflow, its activities and what they need.</summary>
internal static class BatchSetup
{
    public static void AddBatches(this IServiceCollection services)
    {
        services.AddSettings<BatchOptions>(BatchOptions.SectionName);
        services.AddSingleton<IValidateOptions<BatchOptions>, EnginePatienceCheck>();
        services.AddSettings<TemplateOptions>(TemplateOptions.SectionName);
        services.AddDaprClient();
        services.AddJobPublishing();
        services.AddJobSealing();
        services.TryAddSingleton<IConversations, ServiceConversations>();
        services.AddSingleton<TemplateFiles>();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<BatchPlanner>();
        services.AddSingleton<ChunkSender>();
        services.AddSingleton<BatchJobs>();
        services.AddSingleton<BatchEnding>();
        services.AddSingleton<BatchWorkflows>();
        services.AddSingleton<EngineAbsence>();
        services.AddSingleton<BatchFollower>();
        services.AddHostedService<FailedBatchJobs>();
        // A wait that was given up is an ordinary thing here, and to the client of gRPC a failed call to be told of, twice a second for each batch.
        services.AddLogging(logging => logging.AddFilter("Grpc.Net.Client", LogLevel.Warning).AddFilter("Dapr.Workflow", LogLevel.Warning));

        // Registers the workflow and the activities of this assembly, which the package's generator has found; naming them here, too, would be warned of as
        // registering them twice.
        services.AddDaprWorkflow();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BatchJsonContext.Default));
    }
}
