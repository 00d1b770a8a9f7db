using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Sealing;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Registers what keeps attachments: PostgreSQL beside the messages, or a directory.</summary>
internal static class AttachmentsSetup
{
    public static void AddAttachments(this IServiceCollection services)
    {
        services.AddSettings<AttachmentOptions>(AttachmentOptions.SectionName)
            .PostConfigure<IConfiguration, IHostEnvironment, ServiceDatabase>((options, configuration, environment, database) =>
                options.Directory = options.Directory is { Length: > 0 } set ? Path.Combine(environment.ContentRootPath, set)
                    : database.IsPostgres ? null
                    : Path.Combine(ServiceDatabase.DirectoryOf(configuration, environment.ContentRootPath), "attachments"))
            .Validate(
                options => options.Directory is not { } directory || WritableDirectory.TryCreate(directory),
                $"{AttachmentOptions.SectionName}:{nameof(AttachmentOptions.Directory)} cannot be written to; name a directory that the service may write to.");
        services.TryAddSingleton<IAttachmentStore>(provider => provider.GetRequiredService<IOptions<AttachmentOptions>>().Value.Directory is { } directory
            ? new FileAttachmentStore(directory)
            : new DatabaseAttachmentStore(provider.GetRequiredService<IDbContextFactory<PostgresMessagesDbContext>>()));
        services.AddJobSealing();
        services.AddSingleton<AttachmentContents>();
        services.AddSettings<ScannerOptions>(ScannerOptions.SectionName);
        services.AddSingleton<AttachmentScanner>();
        services.AddScoped<AttachmentUploads>();
        services.AddHostedService<UnsealedAttachments>();
    }
}
