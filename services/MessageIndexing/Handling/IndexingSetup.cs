using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Settings;

namespace WhiteCross.MessageIndexing;

/// <summary>Registers what the jobs need.</summary>
internal static class IndexingSetup
{
    public static void AddIndexing(this IServiceCollection services)
    {
        services.AddSettings<IndexingOptions>(IndexingOptions.SectionName);
        services.AddSingleton<IndexWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<IndexWriter>());
        services.TryAddSingleton<IMessageSource, DeliveredMessages>();
        services.AddSingleton<IndexRebuild>();
        services.AddScoped<IndexMessageHandler>();
    }
}
