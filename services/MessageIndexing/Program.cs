using WhiteCross.MessageIndexing;
using WhiteCross.ServiceDefaults;

await MessageIndexingApp.Create(args).RunOrMigrateAsync(args);
