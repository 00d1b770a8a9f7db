using WhiteCross.MessageDelivery;
using WhiteCross.ServiceDefaults;

await MessageDeliveryApp.Create(args).RunOrMigrateAsync(args);
