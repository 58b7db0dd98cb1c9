export const pages = [
  { path: "/crm/customers", load: () => import("./pages/Customers") },
  { path: "/crm/accounts", load: () => import("./pages/Accounts") },
];
